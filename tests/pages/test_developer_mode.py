"""Developer mode: ids, leases and what the provider sent, for the person who switched it on, and never a secret."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import User
from connections.models import Account, ProxyRegistration
from statements.models import AccountRun, StatementLine, SyncRun
from statements.technical import indented
from tests.factories import make_registration
from tests.pages.books import Books
from tests.pages.elements import read

RAW = '{"transaction_id":"t-1","amount":12.50,"name":"Bäckerei"}'
POSITION = "v1.c125d51c.sealed-position-of-the-account"


@pytest.fixture
def addresses(books: Books) -> dict[str, str]:
    """The pages that have something technical, filled with something to show."""
    StatementLine.objects.filter(pk=books.line.pk).update(raw=RAW, account=_account(books), run=books.run)
    Account.objects.filter(connection=books.connection).update(position=POSITION)
    SyncRun.objects.filter(pk=books.run.pk).update(error_reference="7F3K-21QX", lease="lease-of-a-worker")
    AccountRun.objects.filter(run=books.run).update(error_reference="9XYZ-0001")
    make_registration(books.company, client_id="client-7")
    return {
        "line": reverse("line", args=[books.line.pk]),
        "beside": f"{reverse('line_list', args=[books.journal.pk])}?line={books.line.pk}",
        "connection": reverse("connection", args=[books.connection.pk]),
        "run": reverse("run", args=[books.run.pk]),
    }


def _account(books: Books) -> Account:
    return books.connection.accounts.get(journal__isnull=False)


def be_developer(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_developer=True)


def test_who_is_no_developer_sees_none_of_it(member: Client, addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        page = read(member.get(address).content)
        assert not page.all("section", class_="technical mt-3"), name
        assert "Bäckerei" not in page.one("main").text, name
        assert "client-7" not in page.one("main").text, name


def test_a_developer_sees_ids_references_and_what_the_provider_sent(
    member: Client, books: Books, addresses: dict[str, str]
) -> None:
    be_developer(books.person)
    shown = {}
    for name, address in addresses.items():
        page = read(member.get(address).content)
        shown[name] = page.one("section", class_="technical mt-3").text
    account = _account(books)
    for name in ("line", "beside"):
        assert account.identifier in shown[name]
        assert '"amount": 12.50' in shown[name]
    for text in ("client-7", str(books.connection.reference), books.connection.institution.identifier):
        assert text in shown["connection"], text
    assert f"Position, characters {len(POSITION)}" in shown["connection"]
    assert account.identifier in shown["connection"]
    assert "7F3K-21QX" in shown["run"]
    assert "9XYZ-0001" in shown["run"]


def test_nothing_secret_is_among_it(member: Client, books: Books, addresses: dict[str, str]) -> None:
    be_developer(books.person)
    registration = ProxyRegistration.objects.get()
    secrets = [POSITION, "lease-of-a-worker", registration.sealed_private_key, registration.private_key()]
    for name, address in addresses.items():
        html = member.get(address).content.decode()
        assert [secret for secret in secrets if secret in html] == [], name


@pytest.mark.parametrize("text", ["no json", "", "<Ntry><Amt>1.00</Amt></Ntry>"])
def test_what_is_no_json_is_shown_as_it_came(text: str) -> None:
    assert indented(text) == text


def test_numbers_keep_every_digit() -> None:
    assert indented('{"a":1234567890123456.70}') == '{\n  "a": 1234567890123456.70\n}'
