"""The list of connections: what is broken first, what is past last, and no next fetch where nothing is fetched."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from companies.models import Company
from connections.models import Connection, ProxyRegistration
from tests.factories import make_company, make_connection, make_institution
from tests.pages.elements import Element, read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
Status = Connection.Status


def rows_of(company: Company) -> list[Element]:
    page = read(signed_in(company).get(reverse("connection_list")).content)
    return page.one("table").one("tbody").all("tr")


def test_what_is_broken_stands_first_and_what_is_past_last() -> None:
    company = make_company()
    banks: dict[str, dict[str, Any]] = {
        "An old one": {"status": Status.LEGACY, "reference": None},
        "Bank in order": {},
        "Could not be read": {"error_code": "provider_down", "error_message": "It does not answer."},
        "Does not know it": {"status": Status.DISCONNECTED},
        "Ends": {"status": Status.ACTION_REQUIRED},
    }
    for name, fields in banks.items():
        make_connection(company, institution=make_institution(name=name), **fields)
    assert [row.one("th").one("a").text for row in rows_of(company)] == [
        "Does not know it",
        "Ends",
        "Could not be read",
        "Bank in order",
        "An old one",
    ]


@pytest.mark.parametrize(("status", "expected"), [("active", "in a moment"), ("blocked", "–")])
def test_nothing_is_promised_while_the_proxy_refuses_the_company(status: str, expected: str) -> None:
    company = make_company()
    make_connection(company)
    ProxyRegistration.objects.create(company=company, client_id="client", status=status)
    [row] = rows_of(company)
    assert row.one("td", **{"data-label": "Next"}).text == expected
