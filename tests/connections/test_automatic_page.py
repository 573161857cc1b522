"""Automatic synchronization on and off and its interval, on the connection page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from connections import wording
from connections.models import ChatterEntry, Connection
from connections.services import chatter, lifecycle
from providers.errors import InstitutionRetired
from tests.factories import make_connection, make_institution
from tests.pages.elements import read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db


def test_it_is_switched_off_and_on_with_an_entry_each() -> None:
    connection = make_connection()
    browser, address = signed_in(connection.company), reverse("set_automatic", args=[connection.pk])
    browser.post(address)
    assert not Connection.objects.get().is_automatic
    browser.post(address, {"is_automatic": "on"})
    assert Connection.objects.get().is_automatic
    said = [wording.sentence(entry) for entry in ChatterEntry.objects.order_by("pk")]
    assert said == [
        "Automatic synchronization is off: switched by hand.",
        "Automatic synchronization is on: every 12 hours.",
    ]


def test_another_interval_counts_from_the_last_fetch() -> None:
    last = timezone.now() - dt.timedelta(hours=2)
    connection = make_connection(last_success_at=last, next_fetch_at=last + dt.timedelta(hours=12))
    address = reverse("set_automatic", args=[connection.pk])
    signed_in(connection.company).post(address, {"is_automatic": "on", "interval_hours": "4"})
    stored = Connection.objects.get()
    assert stored.interval_hours == 4
    assert stored.next_fetch_at is not None
    assert dt.timedelta(0) <= stored.next_fetch_at - (last + dt.timedelta(hours=4)) <= dt.timedelta(minutes=30)


def test_an_interval_that_is_none_of_the_choices_changes_nothing() -> None:
    connection = make_connection()
    address = reverse("set_automatic", args=[connection.pk])
    signed_in(connection.company).post(address, {"is_automatic": "on", "interval_hours": "0"})
    assert (Connection.objects.get().interval_hours, ChatterEntry.objects.count()) == (12, 0)


def test_a_bank_that_wants_somebody_there_cannot_be_put_on_the_clock_and_says_so() -> None:
    institution = make_institution(capabilities={"unattended": False})
    connection = make_connection(institution=institution, is_automatic=False)
    browser = signed_in(connection.company)
    page = read(browser.get(reverse("connection", args=[connection.pk])).content)
    assert not page.all("form", action=reverse("set_automatic", args=[connection.pk]))
    assert "only while somebody is there" in page.one("main").text
    browser.post(reverse("set_automatic", args=[connection.pk]), {"is_automatic": "on"})
    assert not Connection.objects.get().is_automatic


def test_the_next_step_in_the_chatter_switches_it_off_in_one_click() -> None:
    connection = make_connection()
    lifecycle.note_failure(connection, InstitutionRetired())
    browser = signed_in(connection.company)
    page = read(browser.get(reverse("connection", args=[connection.pk])).content)
    entries = page.one("div", id="entries")
    form = entries.one("form", action=reverse("set_automatic", args=[connection.pk]))
    browser.post(form.attributes["action"])
    assert not Connection.objects.get().is_automatic


def test_the_chatter_is_filtered_by_kind() -> None:
    connection = make_connection()
    lifecycle.note_failure(connection, InstitutionRetired())
    chatter.write(connection, "renewed")
    browser = signed_in(connection.company)

    def shown(kind: str) -> list[str]:
        page = browser.get(reverse("connection", args=[connection.pk]), {"kind": kind})
        return [entry.code for entry in page.context["entries"]]

    assert shown("errors") == ["error"]
    assert shown("states") == ["renewed"]
    assert shown("notes") == []
    assert len(shown("")) == 2
