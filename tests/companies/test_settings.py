"""Settings of a company: an accountant reads them, an administrator changes them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_company, make_journal
from tests.pages.elements import read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
FIELDS = {"name": "Books Ltd", "currency": "eur", "default_period": "month"}


def test_an_admin_locks_and_reopens_a_period() -> None:
    company = make_company()
    client = signed_in(company, role="admin")
    page = reverse("company_settings")
    assert client.post(page, {**FIELDS, "lock_date": "2026-01-31"}).status_code == 302
    company.refresh_from_db()
    assert (company.name, company.currency, company.lock_date) == ("Books Ltd", "EUR", dt.date(2026, 1, 31))
    assert client.post(page, {**FIELDS, "lock_date": ""}).status_code == 302
    company.refresh_from_db()
    assert company.lock_date is None


def test_a_new_journal_has_statements_of_the_length_that_the_company_chose() -> None:
    company = make_company()
    client = signed_in(company, role="admin")
    assert client.post(reverse("company_settings"), {**FIELDS, "default_period": "quarter"}).status_code == 302
    client.post(reverse("new_journal"), {"name": "Savings", "currency": "EUR"})
    assert company.journals.get().period == "quarter"


@pytest.mark.parametrize(
    "bad", [{"name": ""}, {"currency": "XYZW"}, {"currency": "QQQ"}, {"lock_date": "soon"}, {"default_period": "x"}]
)
def test_bad_input_is_a_sentence(bad: dict[str, str]) -> None:
    company = make_company()
    response = signed_in(company, role="admin").post(reverse("company_settings"), {**FIELDS, **bad})
    assert response.status_code == 422
    name = company.name
    company.refresh_from_db()
    assert company.name == name


def test_the_future_cannot_be_locked() -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    fields = {**FIELDS, "lock_date": tomorrow.isoformat()}
    assert signed_in(make_company(), role="admin").post(reverse("company_settings"), fields).status_code == 422


def test_an_accountant_reads_them_and_may_not_change_them() -> None:
    company = make_company(lock_date=dt.date(2026, 1, 31))
    client = signed_in(company)
    page = reverse("company_settings")
    root = read(client.get(page).content)
    assert root.one("main").all("form") == []
    assert "Only an administrator" in root.one("main").text
    assert "31 Jan 2026" in [fact.text for fact in root.all("dd")]
    assert client.post(page, FIELDS).status_code == 403


def test_settings_stand_in_the_bar_and_lead_to_all_of_their_pages() -> None:
    client = signed_in(make_company())
    root = read(client.get(reverse("settings"), follow=True).content)
    bar = root.one("nav", aria_label="Main")
    assert "Settings" in [link.text for link in bar.all("a", aria_current="true")]
    tabs = root.one("nav", aria_label="Settings").all("a")
    assert [tab.text for tab in tabs] == ["Company", "People", "Journals", "Notifications", "Your profile"]
    for tab in tabs:
        page = read(client.get(tab.attributes["href"]).content)
        [here] = page.one("nav", aria_label="Settings").all("a", aria_current="page")
        assert here.text == tab.text


def test_every_journal_leads_to_its_own_settings() -> None:
    company = make_company()
    journal = make_journal(company, name="Savings", period="week")
    root = read(signed_in(company).get(reverse("journal_settings")).content)
    [row] = root.one("tbody").all("tr")
    assert row.one("a", href=reverse("edit_journal", args=[journal.pk])).text == "Savings"
    assert "Week" in row.text
