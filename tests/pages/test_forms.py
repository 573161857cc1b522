"""A form that is refused says why in a sentence beside the field, with the right status, and loses nothing."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from statements.models import Journal
from tests.factories import make_account
from tests.pages.books import Books
from tests.pages.elements import Element, read


def refused(client: Client, address: str, **data: str) -> Element:
    response = client.post(address, data)
    assert response.status_code == 422
    return read(response.content)


def test_a_bad_phone_number_is_one_sentence_at_its_field(member: Client, books: Books) -> None:
    address = reverse("connect_start", args=[books.connection.institution_id])
    root = refused(member, address, phone_number="0470 12", consent="on")
    field = root.labelled("phone_number")
    assert field.attributes["aria-invalid"] == "true"
    assert field.attributes["value"] == "0470 12"
    assert "This is not a phone number." in root.described(field)


def test_without_agreement_nothing_starts(member: Client, books: Books) -> None:
    address = reverse("connect_start", args=[books.connection.institution_id])
    root = refused(member, address, phone_number="+32470123456")
    assert root.described(root.labelled("consent")) == "Without this agreement nothing can be read from the bank."


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("account_number", "BE71 0961 2345 6760", "This IBAN is not right"),
        ("bic", "KRED", "This BIC is not right"),
        ("currency", "XX", "This is not a currency"),
        ("name", "", "A journal needs a name."),
    ],
)
def test_a_journal_says_what_is_wrong_and_keeps_what_was_typed(
    member: Client, name: str, value: str, said: str
) -> None:
    data = {"name": "Kept", "bank_name": "Somewhere", "account_number": "", "bic": "", "currency": "EUR", name: value}
    root = refused(member, reverse("new_journal"), **data)
    assert said in root.described(root.labelled(name))
    assert root.labelled("bank_name").attributes["value"] == "Somewhere"


def test_a_journal_is_added_for_a_bank_that_is_not_listed(member: Client, books: Books) -> None:
    data = {"name": "By hand", "account_number": "BE71 0961 2345 6769", "currency": "eur"}
    response = member.post(reverse("new_journal"), data)
    journal = Journal.objects.get(company=books.company, name="By hand")
    assert response.headers["Location"] == reverse("line_list", args=[journal.pk])
    assert (journal.account_number, journal.currency) == ("BE71096123456769", "EUR")
    said = read(member.get(response.headers["Location"]).content)
    assert "The journal By hand was made." in [notice.text for notice in said.all("p")]


def test_the_heading_of_a_refused_settings_page_is_the_journals_own_name(member: Client, books: Books) -> None:
    address = reverse("edit_journal", args=[books.journal.pk])
    root = refused(member, address, name="Mistyped", currency="XX")
    assert books.journal.name in root.one("title").text
    assert "Mistyped" not in root.one("ol", class_="breadcrumb").text


def test_an_empty_note_is_refused_beside_its_field(member: Client, books: Books) -> None:
    root = refused(member, reverse("add_note", args=[books.connection.pk]), text="  ")
    assert "An empty note says nothing" in root.described(root.labelled("text"))


def test_a_first_day_in_the_future_is_refused_at_its_account(member: Client, books: Books) -> None:
    account = make_account(books.connection)
    tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    spare = books.connection.accounts.filter(journal__isnull=True)
    data = {f"account-{one.pk}-journal": "none" for one in spare}
    data[f"account-{account.pk}-first_day"] = tomorrow
    root = refused(member, reverse("link_accounts", args=[books.attempt.pk]), **data)
    field = root.labelled(f"account-{account.pk}-first_day")
    assert root.described(field) == "The first day cannot lie in the future."
    assert field.attributes["value"] == tomorrow


def test_a_wrong_password_is_one_sentence(client: Client, books: Books) -> None:
    response = client.post(reverse("login"), {"username": books.person.email, "password": "wrong"})
    root = read(response.content)
    assert root.one("div", role="alert").text == "This e-mail address and password do not go together."
    assert root.labelled("username").attributes["value"] == books.person.email


def test_a_refused_preview_brings_its_sentence_into_the_part_that_is_swapped(member: Client, books: Books) -> None:
    account = make_account(books.connection)
    address = reverse("link_accounts", args=[books.attempt.pk])
    page = read(member.get(address).content)
    button = page.one("button", id=f"preview-{account.pk}")
    target = button.attributes["hx-target"].removeprefix("#")
    assert button.attributes["hx-select"] == f"#{target}"
    root = refused(member, address, preview=str(account.pk), **{f"account-{account.pk}-first_day": "yesterday-ish"})
    swapped = root.one("fieldset", id=target)
    field = swapped.labelled(next(one for one in _names(swapped) if one.endswith("first_day")))
    assert swapped.described(field) != ""


def test_htmx_shows_a_form_that_was_refused(member: Client, books: Books) -> None:
    page = read(member.get(reverse("dashboard")).content)
    handling = json.loads(page.one("meta", name="htmx-config").attributes["content"])["responseHandling"]

    def is_swapped(status: int) -> bool:
        return next(bool(one["swap"]) for one in handling if re.match(one["code"], str(status)))

    assert [is_swapped(status) for status in (200, 204, 302, 404, 422, 500)] == [True, False, True, False, True, False]


def _names(root: Element) -> list[str]:
    return [found.attributes["name"] for found in root if "name" in found.attributes]
