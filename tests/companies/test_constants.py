"""Tags that come to the same each time are worked out once, and what differs is not taken for them."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.template.base import NodeList
from django.urls import reverse
from django.utils.translation import override

from companies.templatetags.constants import Once


def rendered(source: str, **values: object) -> list[str]:
    """What a template comes to in two languages and the first one again."""
    template = Template(source)
    found: list[str] = []
    for language in ("en", "nl", "en"):
        with override(language):
            found.append(str(template.render(Context(values))))
    return found


def nodes(source: str) -> NodeList:
    return Template(source).nodelist


def test_words_are_those_of_the_language_that_is_spoken() -> None:
    assert rendered('{% translate "Journals" %}') == ["Journals", "Dagboeken", "Journals"]


def test_an_address_and_a_file_are_those_that_are_named() -> None:
    assert rendered("{% url 'journal_list' %}") == [reverse("journal_list")] * 3
    assert rendered("{% static 'favicon.svg' %}")[0].startswith("/static/favicon")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{% translate words %}", ["Journals", "Dagboeken", "Journals"]),
        ('{% translate "Journals"|upper %}', ["JOURNALS", "DAGBOEKEN", "JOURNALS"]),
        ('{% translate "Journals" noop %}', ["Journals"] * 3),
        ('{% translate "Journals" as it %}[{{ it }}]', ["[Journals]", "[Dagboeken]", "[Journals]"]),
        ("{% url name %}", ["/journals/"] * 3),
        ("{% url 'line_list' number %}", ["/journals/7/"] * 3),
        ("{% url 'line_list' journal_id=number %}", ["/journals/7/"] * 3),
        ("{% url 'journal_list' as it %}[{{ it }}]", ["[/journals/]"] * 3),
        ("{% static 'favicon.svg' as it %}[{{ it|slice:':8' }}]", ["[/static/]"] * 3),
    ],
)
def test_what_is_not_constant_is_left_to_django(source: str, shown: list[str]) -> None:
    assert not any(isinstance(node, Once) for node in nodes(source))
    assert rendered(source, words="Journals", name="journal_list", number=7) == shown


def test_what_is_constant_is_not_worked_out_again() -> None:
    [node] = nodes('{% translate "Journals" %}')
    assert isinstance(node, Once)
    first = node.render(Context())
    assert node.render(Context()) is first


def test_a_sign_of_markup_in_the_words_is_written_as_django_writes_it() -> None:
    source = '{% translate "Fish & chips, 100%%" %}'
    once = Template(source).render(Context())
    again = Template("{% load i18n %}" + source).render(Context())
    assert once == again
