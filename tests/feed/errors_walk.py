"""Walks every error of a provider through the real proxy into a connection, and says what people then see."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from companies.models import User
from connections import wording
from connections.models import ChatterEntry, Connection
from connections.services import schedule
from statements.models import SyncRun
from statements.services import runs
from statements.services.sync import sync_connection
from tests.feed.pretend import PERSON, FarSide
from tests.sessions import browser_of

# Of so many seconds a moment may be off: the proxy's clock is read a little earlier than the test's.
SLACK = 8
MOMENTS = {60: "in a minute", 3600: "in an hour", 6 * 3600: "in six hours"}
THEIR_WORDS = "The provider's own words."


@dataclass(frozen=True)
class Seen:
    """What one failure leaves behind: the state, the chatter's sentences, the buttons beside them, the next fetch."""

    status: str
    said: tuple[str, ...]
    offered: tuple[str, ...]
    next_fetch: str


def walk(far: FarSide, connection: Connection, person: User, *, trigger: str, faults: list[dict[str, Any]]) -> Seen:
    """One fetch into the armed faults, looked at and then undone, so that the next one finds the same connection."""
    far.disarm()
    for fault in faults:
        far.arm(**fault)
    with transaction.atomic():
        before = timezone.now()
        _fetch(connection, person, trigger)
        seen = _look(connection, person, before)
        transaction.set_rollback(True)
    far.disarm()
    return seen


def _fetch(connection: Connection, person: User, trigger: str) -> None:
    ChatterEntry.objects.filter(connection=connection).delete()
    if trigger == SyncRun.Trigger.PERSON:
        runs.request(connection, trigger, person=person, end_user=PERSON)
    elif trigger == SyncRun.Trigger.EVENT:
        schedule.wake(connection, timezone.now())
        schedule.take_woken([connection.pk])
    else:
        Connection.objects.filter(pk=connection.pk).update(next_fetch_at=timezone.now())
    if trigger != SyncRun.Trigger.PERSON:
        assert schedule.is_its_turn(connection.pk, timezone.now())
    sync_connection(connection.pk, trigger)


def _look(connection: Connection, person: User, before: dt.datetime) -> Seen:
    row = Connection.objects.get(pk=connection.pk)
    page = browser_of(person).get(reverse("connection", args=[row.pk])).content.decode()
    entries = list(ChatterEntry.objects.filter(connection=row).order_by("pk"))
    for entry in entries:
        if entry.code == "error":
            assert entry.reference
            assert entry.reference in page
    return Seen(
        status=row.status if row.is_automatic else f"{row.status}, by hand",
        said=tuple(wording.sentence(entry) for entry in entries),
        offered=_offered(page),
        next_fetch=_next_fetch(row, before),
    )


def _offered(page: str) -> tuple[str, ...]:
    """What the chatter offers: the words on its buttons and links, or the sentence where there is nothing to click."""
    found = []
    for part in re.findall(r'<div class="next-step">(.*?)</div>', page, re.DOTALL):
        kind = "button" if "<button" in part else "link" if "<a " in part else "says"
        text = html.unescape(" ".join(re.sub(r"<[^>]+>|→", " ", part).split()))
        found.append(f"{kind}: {text}")
    return tuple(found)


def _next_fetch(row: Connection, before: dt.datetime) -> str:
    """When the clock fetches again, in words that hold on any machine."""
    run = SyncRun.objects.filter(connection=row).latest("pk")
    if run.state == SyncRun.State.WAITING and run.retry_at is not None:
        return "goes on"
    far_away = before + dt.timedelta(days=30)
    Connection.objects.filter(pk=row.pk).update(claimed_until=None)
    if not Connection.objects.due(far_away).filter(pk=row.pk).exists():
        return "not by clock"
    assert row.next_fetch_at is not None
    seconds = (row.next_fetch_at - before).total_seconds()
    if 90 <= seconds <= 120 + SLACK:
        return "in two minutes"
    found = [words for exact, words in MOMENTS.items() if exact - SLACK <= seconds <= exact + SLACK]
    return found[0] if found else f"in {seconds:.0f} s"
