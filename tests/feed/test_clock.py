"""The clock over the wire: what is down is asked little and heals alone, silence is told of, a link renews."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator

import pytest
import requests
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from banksync.celery import app
from companies.models import Company
from connections.banners import banners_for
from connections.models import CallDay, ChatterEntry, Connection, LinkAttempt, Outage, RenewalLink
from connections.services import schedule
from connections.tasks import settle_renewals, tell_people
from scripts.holder import NOWHERE, walk
from statements.models import SyncRun
from statements.services import runs
from statements.services.sync import sync_connection
from statements.tasks import fetch_due
from tests.factories import make_company, make_user
from tests.feed.pretend import PERSON, FarSide, connected
from tests.feed.test_fetching import assert_books_are_true, fetch
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
CONNECTIONS = 20


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """What is handed to the queue is done here and now."""
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager = app.conf.task_eager_propagates = False


def happened(far: FarSide) -> int:
    """How many calls of any kind the armed faults met at the provider."""
    told = requests.get(f"{far.sandbox_url}/control/faults", timeout=30).json()
    return sum(fault["happened"] for fault in told["faults"])


def make_due(**wanted: object) -> None:
    Connection.objects.filter(**wanted).update(next_fetch_at=timezone.now(), claimed_until=None)


def probe_now() -> None:
    """The pause before the next question has passed."""
    Outage.objects.update(probe_at=timezone.now())
    fetch_due()


def until_done(connection: Connection) -> SyncRun:
    """Fetches until the provider has read the bank."""
    run = fetch(connection)
    for _ in range(60):
        if run.state != SyncRun.State.WAITING:
            break
        run = fetch(connection)
    return run


def several(far: FarSide, count: int) -> Company:
    """A company with so many connections through one provider."""
    company = make_company()
    for _ in range(count):
        connected(far, "Quiet Bank", company=company)
    return company


def test_a_provider_that_is_down_is_asked_little_shown_once_and_heals_by_itself(far: FarSide) -> None:
    company = several(far, CONNECTIONS)
    entries = ChatterEntry.objects.count()
    far.arm("status_500", route="*", times=None)
    make_due()
    fetch_due()
    outage = Outage.objects.get()
    assert (outage.kind, outage.subject) == ("provider", "plaid")
    assert happened(far) == 3
    assert Connection.objects.filter(waits_for=outage).count() == CONNECTIONS - 2

    for _ in range(3):
        fetch_due()
        probe_now()
    # The two that failed before it was believed are due by themselves meanwhile, and are put aside without a call.
    make_due(waits_for__isnull=True)
    fetch_due()
    assert happened(far) == 3 + 3
    # The two that failed before it was believed have spent a call of their day; asking for all costs nothing.
    assert sum(CallDay.objects.values_list("unattended", flat=True)) == 2
    assert Connection.objects.filter(waits_for=outage).count() == CONNECTIONS
    assert ChatterEntry.objects.count() == entries + 2
    assert sorted(Connection.objects.values_list("failures", flat=True)) == [0] * (CONNECTIONS - 2) + [1, 1]

    page = signed_in(company).get(reverse("connection_list")).content.decode()
    assert page.count("Plaid has not answered since") == 1
    assert [banner.level for banner in banners_for(company)] == ["off"]

    far.disarm()
    probe_now()
    assert not Outage.objects.exists()
    Connection.objects.filter(next_fetch_at__lt=timezone.now() + schedule.breaker.RESUMED_OVER).update(
        next_fetch_at=timezone.now()
    )
    fetch_due()
    healed = Connection.objects.filter(error_code="", failures=0, waits_for=None, next_fetch_at__gt=timezone.now())
    assert healed.count() == CONNECTIONS
    assert banners_for(company) == []


def test_a_person_may_try_while_the_provider_is_down_and_their_success_ends_it_for_all(
    far: FarSide,
) -> None:
    several(far, 5)
    far.arm("status_500", route="*", times=None)
    make_due()
    fetch_due()
    connection = Connection.objects.filter(waits_for__isnull=False).last()
    assert connection is not None
    runs.request(connection, SyncRun.Trigger.PERSON, person=make_user(), end_user=PERSON)
    run = sync_connection(connection.pk, SyncRun.Trigger.PERSON).run
    assert run is not None
    assert (run.state, run.error_code) == ("failed", "provider_down")
    assert Connection.objects.get(pk=connection.pk).error_code == "provider_down"
    far.disarm()
    runs.request(connection, SyncRun.Trigger.PERSON, person=make_user(), end_user=PERSON)
    assert sync_connection(connection.pk, SyncRun.Trigger.PERSON).run is not None
    assert not Outage.objects.exists()
    assert not Connection.objects.filter(waits_for__isnull=False).exists()


def test_c18_a_feed_that_dies_is_told_after_a_day_and_a_half_and_again_when_it_lives(far: FarSide) -> None:
    company = make_company()
    make_user("anna@example.com", company=company)
    connection = connected(far, "Quiet Bank", company=company)
    mail.outbox.clear()
    fetch(connection)
    begun = timezone.now()
    for hours in (12, 35):
        with time_machine.travel(begun + dt.timedelta(hours=hours), tick=False):
            assert tell_people() == 0
    with time_machine.travel(begun + dt.timedelta(hours=37), tick=False):
        assert tell_people() > 0
        assert tell_people() == 0
        page = signed_in(company).get(reverse("dashboard")).content.decode()
        assert "could not be fetched since" in page
        assert Client().get("/health/feeds").status_code == 503
    assert mail.outbox[0].subject == "Nothing arrives from Quiet Bank"
    mail.outbox.clear()
    Connection.objects.update(alarmed_at=begun)
    fetch(connection)
    assert tell_people() > 0
    assert mail.outbox[0].subject == "Quiet Bank is fetched again"
    assert Client().get("/health/feeds").status_code == 200
    assert_books_are_true(far, connection)


def reminded(far: FarSide, settings: Settings) -> tuple[Connection, str]:
    """A connection whose permission ends soon, and the path of the link in the mail about it."""
    settings.BASE_URL = NOWHERE
    connection = connected(far, "Short Consent Bank")
    mail.outbox.clear()
    assert tell_people() == 1
    body = str(mail.outbox[0].body)
    address = next(line for line in body.splitlines() if "/renew/" in line)
    return Connection.objects.get(pk=connection.pk), address.removeprefix(NOWHERE)


def test_c20_somebody_without_a_sign_in_renews_by_the_link_once(far: FarSide, settings: Settings) -> None:
    connection, path = reminded(far, settings)
    before = connection.consent_expires_at
    assert before is not None
    far.move_clock(days=3)
    visitor = Client()
    assert "Short Consent Bank" in visitor.get(path).content.decode()
    to_bank = visitor.post(path)
    assert to_bank.status_code == 302
    walk(to_bank["Location"], "Approve")
    attempt = LinkAttempt.objects.get(renewal_link__isnull=False)
    thanks = visitor.get(reverse("renewal_return", args=[attempt.pk]))
    assert "Thank you" in thanks.content.decode()
    after = Connection.objects.get().consent_expires_at
    assert after is not None
    assert after > before
    for again in (visitor.get(path), visitor.post(path)):
        assert again.status_code == 410
    assert visitor.get(reverse("connection", args=[connection.pk])).status_code == 302
    codes = set(ChatterEntry.objects.values_list("code", flat=True))
    assert {"reminded", "renewal_link_used", "renewed"} <= codes


def test_c20_a_link_whose_walk_was_left_can_be_used_again(far: FarSide, settings: Settings) -> None:
    _connection, path = reminded(far, settings)
    visitor = Client()
    walk(visitor.post(path)["Location"], "Cancel")
    left = LinkAttempt.objects.get(renewal_link__isnull=False)
    back = visitor.get(reverse("renewal_return", args=[left.pk]))
    assert "The permission was not renewed" in back.content.decode()
    walk(visitor.post(path)["Location"], "Approve")
    # Nobody came back this time: the clock asks how it ended.
    assert settle_renewals() == 1
    assert RenewalLink.objects.get().attempt.status == "linked"  # type: ignore[union-attr]
    assert visitor.get(path).status_code == 410


ANSWERED = re.compile(r"(Plaid|Salt Edge|Ponto) (/\S+) answered (\d+)")


def asked(far: FarSide, *, since: int = 0) -> list[str]:
    """The paths of every call to a provider that the proxy logged, without ids; ``since`` leaves out the first ones."""
    log = (far.stack.log_folder / "proxy.log").read_text()
    return [re.sub(r"/[0-9a-f-]{12,}|/\d+", "/·", path) for _name, path, _status in ANSWERED.findall(log)][since:]


@pytest.mark.parametrize(
    ("bank", "calls"),
    [
        pytest.param("Quiet Bank", {"/item/get": 1, "/transactions/sync": 2}, id="plaid"),
        pytest.param(
            "saltedge One Connection Bank",
            {"/connections/·": 1, "/connections/·/background_refresh": 1, "/transactions": 2, "/accounts": 1},
            id="saltedge",
        ),
        pytest.param("ponto Quiet Bank", {"/accounts": 2, "/accounts/·": 1, "/accounts/·/transactions": 1}, id="ponto"),
    ],
)
def test_c27_a_fetch_of_the_clock_asks_for_nothing_needlessly(far: FarSide, bank: str, calls: dict[str, int]) -> None:
    """No details of accounts are read again, and the bank itself is asked once at most: by Salt Edge alone."""
    connection = connected(far, bank)
    until_done(connection)
    far.move_clock(days=1)
    CallDay.objects.all().delete()
    before = len(asked(far))
    make_due()
    fetch_due()
    made = Counter(asked(far, since=before))
    # A token of Ponto is renewed when it has ended, and a message of Plaid, which may come meanwhile, is verified.
    for path in ("/oauth2/token", "/webhook_verification_key/get"):
        made.pop(path, None)
    assert made == calls
    assert CallDay.objects.values_list("attended", "unattended").get() == (0, 1)


def test_c27_what_the_bank_gave_a_moment_ago_is_not_asked_of_it_again(far: FarSide) -> None:
    connection = connected(far, "saltedge One Connection Bank")
    until_done(connection)
    before = len(asked(far))
    until_done(connection)
    assert not any("refresh" in path for path in asked(far, since=before))


def test_c28_a_persons_call_is_counted_as_theirs(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    runs.request(connection, SyncRun.Trigger.PERSON, person=make_user(), end_user=PERSON)
    fetch(connection)
    assert CallDay.objects.values_list("attended", "unattended").get() == (1, 0)
