"""A list of an older system's connections: all of it or nothing, each once, with every mistake named by its line."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from connections.models import Account, Connection, Institution
from connections.services import ending, schedule
from statements.models import Journal
from statements.services import sync
from statements.services.legacy_list import ListRefused, read
from tests.factories import make_account, make_company, make_connection, make_institution, make_journal, make_line
from tests.pages.elements import read as page_of
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
HEAD = "institution,provider,account_name,account_number,currency,journal_code,journal_name,last_day"
GOOD = f"""{HEAD}
Old Bank,plaid,Operating,BE68 5390 0754 7034,EUR,BNK7,,2026-10-31
Old Bank,plaid,Savings,,eur,,Savings,
Other Bank,saltedge,,NL91ABNA0417164300,EUR,,,2026-09-30
"""


def run(company: Company, text: str, folder: Path) -> str:
    file = folder / "list.csv"
    file.write_text(text, encoding="utf-8-sig")
    out = StringIO()
    call_command("import_legacy_connections", str(file), "--company", company.name, stdout=out)
    return out.getvalue()


def test_connections_with_their_accounts_and_journals_are_made_once(tmp_path: Path) -> None:
    company = make_company()
    kept = make_journal(company, name="Savings")
    told = run(company, GOOD, tmp_path)
    assert told.startswith("2 connections, 3 accounts and 2 journals were made; 0 accounts were there.")
    made = Connection.objects.filter(company=company).order_by("institution__name")
    assert [(one.institution.name, one.provider, one.status) for one in made] == [
        ("Old Bank", "plaid", "legacy"),
        ("Other Bank", "saltedge", "legacy"),
    ]
    operating = Journal.objects.get(company=company, code="BNK7")
    assert (operating.name, operating.account_number, operating.first_day, operating.bank_name) == (
        "Operating",
        "BE68539007547034",
        dt.date(2026, 11, 1),
        "Old Bank",
    )
    kept.refresh_from_db()
    assert kept.account is not None
    assert kept.account.connection == made[0]
    assert "0 connections, 0 accounts and 0 journals were made; 3 accounts were there." in run(company, GOOD, tmp_path)


def test_a_journal_with_lines_keeps_its_own_first_day(tmp_path: Path) -> None:
    company = make_company()
    journal = make_journal(company, code="BNK7", name="Operating")
    make_line(journal)
    run(company, GOOD, tmp_path)
    journal.refresh_from_db()
    assert (journal.first_day, journal.account_number) == (None, "BE68539007547034")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",plaid,A,,EUR,,,", "the column institution is empty"),
        ("Old Bank,plaid,,,EUR,,,", "neither a name nor a number"),
        ("Old Bank,plaid,A,,EURO,,,", "“EURO” is not a currency"),
        ("Old Bank,plaid,A,,EUR,,,31.10.2026", "“31.10.2026” is not a day"),
        ("Old Bank,plaid,A,,EUR,,,2026-12-31", "2026-12-31 has not come yet"),
        ("Old Bank,plaid,A,,EUR,MUCH-TOO-LONG-A-CODE,,", "journal_code has more than 12"),
        ("Old Bank,plaid,Fine,,EUR,,,", "the same account stands in line 2"),
    ],
)
def test_a_mistake_is_named_with_its_line(line: str, why: str) -> None:
    with pytest.raises(ListRefused) as caught:
        read(f"{HEAD}\nOld Bank,plaid,Fine,,EUR,,,\n{line}\n", today=TODAY)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith("Line 3: ")
    assert why in caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("institution,provider,account_name,currency,iban\n", "unknown columns: iban"),
        ("institution,account_name\n", "missing columns: provider, currency"),
        (f"{HEAD}\n\n", "no account in it"),
        ("", "missing columns"),
    ],
)
def test_a_list_that_is_none_is_refused(text: str, why: str) -> None:
    with pytest.raises(ListRefused, match=why):
        read(text, today=TODAY)


def test_semicolons_do_as_well() -> None:
    [row] = read(f"{HEAD}\nOld Bank,plaid,A,,EUR,,,\n".replace(",", ";"), today=TODAY)
    assert (row.institution, row.line) == ("Old Bank", 2)


def test_one_mistake_changes_nothing_and_all_are_named(tmp_path: Path) -> None:
    company = make_company()
    make_journal(company, code="USD1", currency="USD", name="Dollars")
    make_journal(company, code="FED", name="Fed", account=make_account(make_connection(company)))
    for _ in range(2):
        make_journal(company, name="Twice")
    make_account(make_connection(company), number="BE71 0961 2345 6769", currency="EUR")
    wrong = (
        "Old Bank,plaid,B,,EUR,USD1,,\n"
        "Old Bank,plaid,C,,EUR,FED,,\n"
        "Old Bank,plaid,D,,EUR,,Twice,\n"
        "Old Bank,plaid,E,BE71096123456769,EUR,,,\n"
    )
    before = Journal.objects.count(), Connection.objects.count(), Institution.objects.count()
    with pytest.raises(CommandError) as caught:
        run(company, GOOD + wrong, tmp_path)
    assert str(caught.value).splitlines() == [
        "Nothing was changed.",
        "Line 5: the journal Dollars is in USD, and the account in EUR.",
        "Line 6: the journal Fed is fed by another account.",
        "Line 7: several journals are named Twice: give the code.",
        "Line 8: the account E is connected already.",
    ]
    assert (Journal.objects.count(), Connection.objects.count(), Institution.objects.count()) == before
    assert Account.objects.filter(connection__status="legacy").count() == 0


def test_a_file_or_a_company_that_is_not_there(tmp_path: Path) -> None:
    company = make_company()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_legacy_connections", str(tmp_path / "none.csv"), "--company", company.name)
    with pytest.raises(CommandError, match="no company named “Nobody”"):
        call_command("import_legacy_connections", str(tmp_path / "none.csv"), "--company", "Nobody")
    (tmp_path / "latin.csv").write_bytes("Crédit".encode("latin-1"))
    with pytest.raises(CommandError, match="is not UTF-8"):
        call_command("import_legacy_connections", str(tmp_path / "latin.csv"), "--company", company.name)


def test_it_is_shown_and_can_never_be_synchronized(tmp_path: Path) -> None:
    company = make_company()
    known = make_institution(name="Other Bank", provider="saltedge", identifier="saltedge:other")
    run(company, GOOD, tmp_path)
    unknown, listed = Connection.objects.filter(company=company).order_by("institution__name")
    assert listed.institution == known
    client = signed_in(company)
    table = page_of(client.get(reverse("connection_list")).content)
    assert table.one("main").text.count("Legacy") == 2
    # There is no permission that could have an end.
    assert "no end" not in table.one("main").text
    for connection, leads in ((unknown, f"{reverse('connect')}?q=Old+Bank"), (listed, f"/connect/{known.pk}/")):
        page = page_of(client.get(reverse("connection", args=[connection.pk])).content)
        assert [link.attributes["href"] for link in page.all("a") if link.text == "Connect this bank again"] == [leads]
        assert client.get(leads).status_code == 200
        assert not page.all("form", action=reverse("fetch", args=[connection.pk]))
        assert "Taken over from an older system." in page.one("main").text
        client.post(reverse("fetch", args=[connection.pk]))
        assert sync.sync_connection(connection.pk, "clock").run is None
        assert connection.runs.count() == 0
    assert schedule.claim_due(timezone.now()) == []
    for name in ("dashboard", "journal_list"):
        assert client.get(reverse(name)).status_code == 200


def test_it_is_deleted_and_the_journals_stay(tmp_path: Path) -> None:
    company = make_company()
    run(company, GOOD, tmp_path)
    for connection in Connection.objects.filter(company=company):
        ending.delete(connection)
    assert Journal.objects.filter(company=company, account__isnull=True).count() == 3
