"""The pages as their readers see them: nothing of the catalogue is left in English, figures and days are their own."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from babel.messages.catalog import Message
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from companies.templatetags.formats import ago, country, day, figure, grouped, moment, money, month, period, time_of_day
from scripts import catalogs
from statements.models import Journal
from tests.browser.inventory import VISITS, make_world
from tests.factories import make_line
from tests.pages.books import Books
from tests.pages.elements import Element, read

CODES = {"nl": "nl", "ko": "ko", "zh_Hans": "zh-hans"}
OWN_LETTERS = {"ko": "[가-힣]", "zh_Hans": "[一-鿿]"}
READ_ALOUD = ("title", "alt", "placeholder", "aria-label")
# A text of which hardly anything is fixed ("%(state)s: %(why)s.") would be found everywhere.
FIXED_LETTERS = 6


def spoken_in(client: Client, language: str) -> None:
    client.cookies["django_language"] = CODES[language]


def english(language: str) -> dict[str, re.Pattern[str]]:
    """How each English text that reads otherwise in this language looks on a page."""
    catalog = catalogs.load(language)
    patterns = {}
    for message in catalogs.texts(catalog):
        translated = catalogs.forms(message, catalog)
        for source in _sources(message):
            fixed = "".join(re.split(r"%\(\w+\)[sd]", source))
            if source not in translated and sum(letter.isalpha() for letter in fixed) >= FIXED_LETTERS:
                pieces = re.split(r"%\(\w+\)[sd]", source.replace("%%", "%"))
                patterns[source] = re.compile(".+?".join(re.escape(" ".join(piece.split())) for piece in pieces))
    return patterns


def _sources(message: Message) -> list[str]:
    return [str(source) for source in message.id] if isinstance(message.id, tuple | list) else [str(message.id)]


def english_of(root: Element, patterns: dict[str, re.Pattern[str]]) -> list[str]:
    """The texts of a page, and what is read aloud, that are still the English ones."""
    found = set()
    for element in root:
        if element.tag in {"script", "style"} or ("lang" in element.attributes and element.tag != "html"):
            continue
        found |= {" ".join(child.split()) for child in element.children if isinstance(child, str)}
        found |= {element.attributes[name] for name in READ_ALOUD if name in element.attributes}
    return sorted(text for text in found if any(pattern.fullmatch(text) for pattern in patterns.values()))


@pytest.mark.django_db
@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_no_page_shows_an_english_text_that_has_a_translation(language: str) -> None:
    patterns = english(language)
    assert len(patterns) > 500
    world, left = make_world(), {}
    names = set(Journal.objects.values_list("name", flat=True))
    for name, visit in VISITS.items():
        client = Client()
        if visit.who in world.cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = world.cookies[visit.who]
        spoken_in(client, language)
        root = read(client.get(visit.address(world), follow=True).content)
        assert root.one("html").attributes["lang"] == CODES[language], name
        if found := set(english_of(root, patterns)) - names:
            left[name] = found
    assert left == {}


@pytest.mark.django_db
@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_nor_does_a_refusal(language: str, client: Client) -> None:
    spoken_in(client, language)
    refused = client.post(reverse("login"), {"username": "nobody@example.com", "password": "wrong"})
    for answer in (client.get("/nowhere/"), refused):
        root = read(answer.content)
        assert root.one("h1").text
        assert english_of(root, english(language)) == []


@pytest.mark.parametrize(
    ("language", "amount"), [("nl", "€ -1.234,56"), ("ko", "-€1,234.56"), ("zh_Hans", "-€1,234.56")]
)
def test_a_line_shows_its_amount_as_the_reader_writes_it(
    language: str, amount: str, member: Client, books: Books
) -> None:
    line = make_line(books.journal, "-1234.56", day=dt.date(2026, 11, 3))
    spoken_in(member, language)
    page = read(member.get(reverse("line", args=[line.pk])).content)
    assert amount.replace("-", "−") in page.text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", ("€1,234.50", "1,234.50", "3 Nov 2026", "November 2026", "1,000,000", "Belgium")),
        ("nl", ("€ 1.234,50", "1.234,50", "3 nov 2026", "november 2026", "1.000.000", "België")),
        ("ko", ("€1,234.50", "1,234.50", "2026. 11. 3.", "2026년 11월", "1,000,000", "벨기에")),
        ("zh-hans", ("€1,234.50", "1,234.50", "2026年11月3日", "2026年11月", "1,000,000", "比利时")),
    ],
)
def test_figures_days_and_countries_are_written_as_in_the_language(code: str, expected: tuple[str, ...]) -> None:
    date, amount = dt.date(2026, 11, 3), Decimal("1234.5")
    with translation.override(code):
        written = (money(amount, "EUR"), figure(amount, "EUR"), day(date), month(date), grouped(1_000_000))
        assert (*(text.replace("\xa0", " ") for text in written), country("BE")) == expected
        assert period(date.replace(day=1), dt.date(2026, 11, 30)) == expected[3]


@pytest.mark.parametrize("language", OWN_LETTERS)
def test_every_text_is_written_in_the_letters_of_its_language(language: str) -> None:
    catalog = catalogs.load(language)
    said = [form for message in catalogs.texts(catalog) for form in catalogs.forms(message, catalog)]
    # Without names to be put in, and without short forms such as PDF.
    foreign = [form for form in said if re.search("[a-zà-ÿ]{3}", re.sub(r"%\(\w+\)\w|<[^>]+>", "", form))]
    assert [form for form in foreign if not re.search(OWN_LETTERS[language], form)] == []


@pytest.mark.parametrize(
    ("code", "whole", "part"),
    [
        ("en", "3 Nov 2026, 22:10", "3–20 Nov 2026"),
        ("nl", "3 nov 2026, 22:10", "3–20 nov 2026"),
        ("ko", "2026. 11. 3. 22:10", "2026년 11월 3일~20일"),
        ("zh-hans", "2026年11月3日 22:10", "2026年11月3日至20日"),
    ],
)
def test_a_moment_has_the_day_as_the_language_writes_it_and_twenty_four_hours(code: str, whole: str, part: str) -> None:
    at = dt.datetime(2026, 11, 3, 22, 10, 5, tzinfo=dt.UTC)
    with translation.override(code):
        assert moment(at).replace("\xa0", " ") == whole
        assert time_of_day(at) == "22:10"
        assert period(at.date(), dt.date(2026, 11, 20)) == part
        assert f'title="{whole}:05 UTC"' in str(ago(at)).replace("\xa0", " ")


def test_operators_read_days_as_everybody_does() -> None:
    with translation.override("en"):
        assert date_format(dt.datetime(2026, 11, 3, 22, 10, tzinfo=dt.UTC), "DATETIME_FORMAT") == "3 Nov 2026, 22:10"


@pytest.mark.parametrize(("code", "words_"), [("en", "2 hours ago"), ("nl", "2 uur geleden"), ("ko", "2시간 전")])
def test_a_moment_is_said_in_words_with_the_exact_one_on_hover(code: str, words_: str) -> None:
    with translation.override(code):
        element = read(str(ago(timezone.now() - dt.timedelta(hours=2)))).one("time")
        assert element.text == words_
        assert str(timezone.now().year) in element.attributes["title"]
