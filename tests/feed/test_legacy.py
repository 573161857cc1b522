"""A connection of an older system is taken over by a new one, with its journals, through the real proxy."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from connections.models import Account, Connection
from connections.possible import possibilities
from connections.services import attempts
from statements.models import Journal
from tests.factories import make_company, make_user
from tests.feed.pretend import FarSide, visited
from tests.feed.test_fetching import fetch
from tests.pages.elements import read
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db

BANK = "Demo Business Bank"
LAST_DAY = timezone.localdate() - dt.timedelta(days=40)


def take_in(company: Company, accounts: list[Account], folder: Path) -> str:
    """The list as the older system would have written it, with whole numbers; this provider tells their ends."""
    rows = [
        f"{BANK},plaid,{account.name},BE6853900{account.mask},{account.currency},OLD{number},,{LAST_DAY}"
        for number, account in enumerate(accounts)
    ]
    file = folder / "list.csv"
    file.write_text("institution,provider,account_name,account_number,currency,journal_code,journal_name,last_day\n")
    with file.open("a") as target:
        target.write("\n".join(rows))
    out = StringIO()
    call_command("import_legacy_connections", str(file), "--company", company.name, stdout=out)
    return out.getvalue()


def test_a_new_connection_goes_on_with_the_journals_of_an_older_system(far: FarSide, tmp_path: Path) -> None:
    company = make_company()
    person = make_user(company=company)
    attempt = visited(company, person, far.bank(BANK))
    new = attempt.connection
    assert new is not None
    accounts = attempts.fetch_accounts(new)
    assert "1 connections" in take_in(company, accounts, tmp_path)
    legacy = Connection.objects.get(company=company, status="legacy")
    journals = {journal.pk for journal in Journal.objects.filter(account__connection=legacy)}
    _link_as_proposed(person, attempt.pk)
    legacy.refresh_from_db()
    assert legacy.status == "superseded"
    assert {journal.pk for journal in Journal.objects.filter(account__connection=new)} == journals
    run = fetch(new)
    assert (run.state, run.reason) == ("done", "new_lines")
    for journal in Journal.objects.filter(pk__in=journals):
        assert not journal.lines.filter(booking_date__lte=LAST_DAY).exists()
    assert Journal.objects.filter(company=company).count() == len(journals)
    assert possibilities(legacy, now=timezone.now()).delete.can
    # The list again makes nothing: what it names was taken over.
    assert f"0 journals were made; {len(accounts)} accounts were there" in take_in(company, accounts, tmp_path)


def _link_as_proposed(person: object, attempt_id: object) -> None:
    browser = browser_of(person)  # type: ignore[arg-type]
    address = reverse("link_accounts", args=[attempt_id])
    answer = browser.get(address)
    assert "was fed by an older connection to" in read(answer.content).one("main").text
    forms = answer.context["forms"]
    assert all(form.goes_on_with for form in forms)
    data = {f"{form.prefix}-{name}": form[name].value() or "" for form in forms for name in ("journal", "first_day")}
    assert browser.post(address, data).status_code == 302
