"""A prepared question finds what Django finds when it is asked in the ordinary way, each time with other values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import BigAutoField, CharField, Count, DateField, DateTimeField, Q, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Company, Membership, User
from foundation.prepared import Given, Prepared

pytestmark = pytest.mark.django_db

KEY = BigAutoField()


@pytest.fixture
def companies() -> list[Company]:
    return [
        Company.objects.create(name=f"Company {number}", currency="EUR", lock_date=dt.date(2026, number, 28))
        for number in range(1, 6)
    ]


def test_each_call_finds_the_rows_of_its_own_values(companies: list[Company]) -> None:
    by_key = Prepared(lambda: Company.objects.filter(pk=Given("key", KEY)))
    assert [by_key(key=company.pk) for company in companies] == [[company] for company in companies]
    assert by_key(key=companies[-1].pk + 1) == []


def test_dates_and_moments_are_compared_as_such(companies: list[Company]) -> None:
    locked = Prepared(
        lambda: (
            Company.objects.filter(
                Q(lock_date__gte=Given("day", DateField())) | Q(name=Given("name", CharField())),
                created_at__lte=Given("now", DateTimeField()),
            )
            .order_by("-pk")
            .values_list("name", flat=True)
        )
    )
    now = timezone.now()
    assert locked(day=dt.date(2026, 4, 28), name="Company 1", now=now) == ["Company 5", "Company 4", "Company 1"]
    assert locked(day=dt.date(2026, 5, 28), name="", now=now) == ["Company 5"]
    assert locked(day=dt.date(2026, 1, 1), name="", now=now - dt.timedelta(days=1)) == []


def test_related_rows_come_along_and_counts_are_of_the_values(companies: list[Company]) -> None:
    for number, company in enumerate(companies):
        for place in range(number):
            person = User.objects.create(email=f"{number}-{place}@example.com")
            Membership.objects.create(company=company, user=person)
    members = Prepared(
        lambda: Membership.objects.filter(company=Given("company", KEY)).select_related("company", "user")
    )
    counted = Prepared(
        lambda: (
            Membership.objects.filter(company=Given("company", KEY))
            .order_by()
            .values_list("company")
            .annotate(n=Count("pk"))
        )
    )
    with CaptureQueriesContext(connection) as seen:
        found = members(company=companies[3].pk)
        assert {one.user.email for one in found} == {"3-0@example.com", "3-1@example.com", "3-2@example.com"}
        assert {one.company for one in found} == {companies[3]}
    assert len(seen) == 1
    assert [counted(company=company.pk) for company in companies[1:]] == [
        [(company.pk, number)] for number, company in enumerate(companies) if number
    ]


def test_it_is_put_into_sql_once(companies: list[Company]) -> None:
    built = []

    def build() -> QuerySet[Company]:
        built.append(1)
        return Company.objects.filter(pk=Given("key", KEY))

    by_key: Prepared[Company] = Prepared(build)
    with CaptureQueriesContext(connection) as seen:
        for company in companies:
            by_key(key=company.pk)
    assert len(built) == 1
    assert len(seen) == len(companies)


def test_a_value_that_is_missing_is_said(companies: list[Company]) -> None:
    by_key = Prepared(lambda: Company.objects.filter(pk=Given("key", KEY)))
    with pytest.raises(KeyError, match="key"):
        by_key(pk=companies[0].pk)


def test_a_number_that_no_column_can_hold_finds_nothing(companies: list[Company]) -> None:
    by_key = Prepared(lambda: Company.objects.filter(pk=Given("key", KEY)))
    assert by_key(key=10**30) == by_key(key=-(10**30)) == []


def test_what_one_call_asks_is_not_seen_by_another_at_the_same_time(companies: list[Company]) -> None:
    """The values of a call are its own: the question itself is shared."""
    by_key = Prepared(lambda: Company.objects.filter(pk=Given("key", KEY)))
    meanwhile: list[list[Company]] = []

    def ask_another(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not meanwhile:
            meanwhile.append([])  # what is asked here comes by here as well
            meanwhile.append(by_key(key=companies[1].pk))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(ask_another):
        found = by_key(key=companies[2].pk)
    assert (found, meanwhile[1]) == ([companies[2]], [companies[1]])
