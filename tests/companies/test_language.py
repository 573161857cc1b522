"""The language is a person's own choice; before one signs in it is the browser's."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from companies.models import User
from companies.services.people import speak
from companies.services.signing_in import mail_reset_link
from tests.factories import make_company, make_user
from tests.pages.elements import Element, read

pytestmark = pytest.mark.django_db


def page(client: Client, address: str, **headers: str) -> Element:
    return read(client.get(address, headers=headers).content)


def language(client: Client, address: str, **headers: str) -> str:
    return page(client, address, **headers).one("html").attributes["lang"]


def person_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


@pytest.fixture
def person_client(client: Client) -> Client:
    client.force_login(make_user(company=make_company()))
    return client


def test_the_browser_decides_until_somebody_chooses(client: Client) -> None:
    assert language(client, reverse("login")) == "en"
    assert language(client, reverse("login"), accept_language="nl-BE,nl;q=0.9") == "nl"
    assert language(client, reverse("login"), accept_language="zh-CN") == "zh-hans"
    assert language(client, reverse("login"), accept_language="ko-KR") == "ko"
    assert language(client, reverse("login"), accept_language="tlh") == "en"


def test_a_choice_before_signing_in_lasts_in_this_browser(client: Client) -> None:
    answer = client.post(reverse("choose_language"), {"language": "ko", "next": reverse("login")})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("login"))
    assert language(client, reverse("login"), accept_language="nl") == "ko"


def test_the_menu_names_each_language_in_itself_and_comes_back_to_the_same_page(person_client: Client) -> None:
    person_client.cookies["django_language"] = "nl"
    address = f"{reverse('statement_list')}?journal="
    form = page(person_client, address).one("form", action=reverse("choose_language"))
    assert form.labelled("next").attributes["value"] == address
    offered = {button.attributes["lang"]: button.text for button in form.all("button", name="language")}
    assert offered == {"en": "English", "nl": "Nederlands", "zh-hans": "简体中文", "ko": "한국어"}
    [spoken] = form.all("button", aria_current="true")
    assert spoken.attributes["value"] == "nl"


def test_a_persons_choice_goes_with_them_to_any_browser(person_client: Client) -> None:
    person_client.post(reverse("choose_language"), {"language": "zh-hans", "next": "/"})
    elsewhere = Client()
    elsewhere.force_login(person_of(person_client))
    elsewhere.cookies["django_language"] = "ko"
    assert language(elsewhere, reverse("dashboard"), accept_language="nl") == "zh-hans"


def test_a_language_that_is_not_spoken_changes_nothing(person_client: Client) -> None:
    person_client.post(reverse("choose_language"), {"language": "tlh", "next": "/"})
    assert person_of(person_client).language == ""
    assert language(person_client, reverse("dashboard")) == "en"


def test_a_page_of_its_own_offers_the_same_for_pages_that_hold_no_form(client: Client) -> None:
    form = page(client, reverse("choose_language") + "?next=/institutions/").one("form")
    assert form.labelled("next").attributes["value"] == "/institutions/"
    assert len(form.all("button", name="language")) == 4
    assert language(client, reverse("choose_language")) == "en"


def test_a_public_page_is_kept_apart_for_each_language(client: Client) -> None:
    varies = client.get(reverse("institutions")).headers["Vary"]
    assert {"Accept-Language", "Cookie"} <= {part.strip() for part in varies.split(",")}


def test_the_choice_leads_to_no_other_site(person_client: Client) -> None:
    answer = person_client.post(reverse("choose_language"), {"language": "nl", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("code", "subject"),
    [("nl", "Een nieuw wachtwoord voor banksync"), ("ko", "banksync 새 비밀번호"), ("zh-hans", "banksync 的新密码")],
)
def test_mail_speaks_the_language_of_who_gets_it(code: str, subject: str, mailoutbox: list[EmailMessage]) -> None:
    person = make_user(company=make_company())
    speak(person, code)
    assert mail_reset_link(person.email, language="en")
    [mail] = mailoutbox
    assert mail.subject == subject
    assert "If you did not ask for it" not in str(mail.body)
