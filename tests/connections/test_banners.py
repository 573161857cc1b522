"""The banners of a company: one for each cause, the worst first, and no more queries for more connections."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from companies.models import Company
from connections.banners import banners_for
from connections.models import Outage, ProxyRegistration
from tests.factories import make_company, make_connection

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(days=9)


def make_registration(company: Company, status: str, **fields: str) -> ProxyRegistration:
    values = {"client_id": f"client-{company.pk}", "public_key": "k", "phone_number": "+32470123456"}
    return ProxyRegistration.objects.create(company=company, status=status, **{**values, **fields})


def make_silent(company: Company) -> None:
    connection = make_connection(company, last_success_at=timezone.now() - LONG_AGO)
    type(connection).objects.filter(pk=connection.pk).update(created_at=timezone.now() - LONG_AGO)


def kinds(company: Company) -> list[str]:
    return [banner.kind for banner in banners_for(company) if banner.kind != "clock"]


@pytest.mark.parametrize("status", ["blocked", "disconnected", "unpaid", "unconfirmed"])
def test_a_refused_company_has_one_banner_whatever_else_follows_from_it(status: str) -> None:
    company = make_company()
    make_registration(company, status)
    for _ in range(3):
        make_silent(company)
    [banner] = [banner for banner in banners_for(company) if banner.kind != "clock"]
    assert (banner.kind, banner.level, banner.url) == ("standing", "broken", "/access/")
    assert banner.label


def test_a_company_whose_first_bank_is_being_connected_is_not_alarmed() -> None:
    company = make_company()
    make_registration(company, "unconfirmed")
    assert kinds(company) == []


def test_a_proxy_that_cannot_be_reached_is_one_banner_though_it_is_noticed_in_two_ways() -> None:
    company = make_company()
    make_connection(company)
    message = "The banksync proxy at https://proxy.example:443 cannot be reached."
    make_registration(company, "active", trouble_code="proxy_unreachable", trouble_message=message)
    now = timezone.now()
    Outage.objects.create(kind="proxy", first_failed_at=now, since=now, probe_at=now)
    [banner] = [banner for banner in banners_for(company) if banner.kind != "clock"]
    assert (banner.kind, banner.sentence) == ("proxy", message)


def test_a_company_that_works_has_none() -> None:
    company = make_company()
    make_registration(company, "active")
    make_connection(company, last_success_at=timezone.now())
    assert kinds(company) == []


def test_more_connections_ask_no_more_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    company = make_company()
    make_registration(company, "blocked")
    for _ in range(8):
        make_silent(company)
    with django_assert_max_num_queries(9):
        assert banners_for(company)
