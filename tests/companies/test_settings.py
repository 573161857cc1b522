"""Company settings are the administrator's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_company
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
FIELDS = {"name": "Books Ltd", "currency": "eur"}


def test_an_admin_locks_and_reopens_a_period() -> None:
    company = make_company()
    client = signed_in(company, role="admin")
    page = reverse("company_settings")
    assert page in client.get(reverse("dashboard")).content.decode()
    assert client.post(page, {**FIELDS, "lock_date": "2026-01-31"}).status_code == 302
    company.refresh_from_db()
    assert (company.name, company.currency, company.lock_date) == ("Books Ltd", "EUR", dt.date(2026, 1, 31))
    assert client.post(page, {**FIELDS, "lock_date": ""}).status_code == 302
    company.refresh_from_db()
    assert company.lock_date is None


@pytest.mark.parametrize("bad", [{"name": ""}, {"currency": "XYZW"}, {"currency": "QQQ"}, {"lock_date": "soon"}])
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


def test_an_accountant_may_not_change_them() -> None:
    company = make_company()
    client = signed_in(company)
    page = reverse("company_settings")
    assert client.get(page).status_code == 403
    assert client.post(page, FIELDS).status_code == 403
    assert page not in client.get(reverse("dashboard")).content.decode()
