"""A year of a connection's life: whatever happens to it, the books are the bank's, and people hear what they must."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from banksync.celery import app
from connections.models import Account, Connection, LinkAttempt, Outage, ProxyRegistration
from connections.services import ending, registrations
from connections.tasks import poll_events
from providers.errors import ClientBlocked, NotFound
from scripts.holder import NOWHERE, walk
from scripts.manage import manage
from scripts.services import Services
from scripts.waiting import until
from statements.models import Journal, StatementLine, SyncRun
from statements.services import proven
from statements.tasks import fetch_due
from tests.factories import make_company, make_user
from tests.feed.moved_clock import moved_clock
from tests.feed.pretend import connected, far_side
from tests.feed.test_fetching import fetch
from tests.feed.year import DAY, START, Year
from tests.pages.elements import read

pytestmark = pytest.mark.django_db(transaction=True)

BANK = "Corrections Bank"
HOUR = 1 / 24
THE_BANK_ASKS = {"error_type": "", "error_code": "InteractiveTimeout", "status": 406}
THE_PASSWORD_IS_WRONG = {"error_type": "", "error_code": "InvalidCredentials", "status": 406}
OLDER_STORY = [
    "state: connected",
    "linked",
    "error: user_present",
    "automatic_on",
    "error: credentials_rejected",
    "state: action_required",
    "silent",
    "state: connected",
    "renewed",
    *["reminded"] * 5,
    "renewal_link_used",
    "renewed",
    "error: client_disconnected",
    "state: superseded",
    "ended",
]
NEWER_STORY = ["state: connected", "linked", "took_over", "state: revoked"]
DOWN = "error: provider_down"
# So many references that nobody has block a client here.
TOO_MANY = 5


@pytest.fixture
def year(servers: Services, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """A company on its first day, with a proxy and banks that live by the same clock."""
    folder = tmp_path_factory.mktemp("year")
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    settings.BASE_URL = NOWHERE
    with moved_clock(START, folder) as clock:
        more = {**clock.environment, "PROXY_GUARD_UNKNOWN_REFERENCES": str(TOO_MANY)}
        with far_side(servers, folder, more=more) as far:
            settings.PROXY_URL = far.proxy_url
            company = make_company()
            yield Year(far, clock, company, anna=make_user("anna@example.com", company=company, role="admin"))
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def test_a_year_of_a_connection(year: Year) -> None:
    connection = connects(year)
    the_clock_decides(year, connection)
    year.live(25)
    the_provider_is_down(year, connection)
    year.live(39)
    the_bank_wants_somebody_there(year, connection)
    year.live(59)
    the_password_changes(year, connection)
    reminders_and_the_link(year, connection)
    the_proxy_blocks(year, connection)
    the_operator_cuts_off(year, connection)
    newer = another_provider(year, connection)
    the_bank_has_news(year, newer)
    what_is_pending_is_posted(year, newer)
    year.live(365, every=5)
    what_the_year_brought(year)
    ends(year, connection, newer)


def connects(year: Year) -> Connection:
    connection = year.connect(f"saltedge {BANK}")
    run = connection.runs.get()
    assert (run.trigger, run.state, run.reason) == ("link", "done", "new_lines")
    assert run.new == StatementLine.objects.count() > 50
    assert year.story(connection) == ["state: connected", "linked"]
    year.step()
    return connection


def the_clock_decides(year: Year, connection: Connection) -> None:
    """Twice a day and not more, spread over half an hour."""
    year.at(11 * HOUR)
    assert fetch_due() == 0
    year.at(12.6 * HOUR)
    assert fetch_due() == 1
    assert fetch_due() == 0
    assert connection.runs.latest("pk").trigger == SyncRun.Trigger.CLOCK
    year.decide()
    year.check()


def the_provider_is_down(year: Year, connection: Connection) -> None:
    """Noticed by three connections, shown once, asked little; afterwards what came meanwhile is there."""
    neighbours = make_company()
    others = [connected(year.far, f"saltedge {bank}", company=neighbours) for bank in ("Dormant Bank", "Quiet Bank")]
    for other in others:
        fetch(other)
    year.at(26)
    year.far.arm("status_500", route="*", times=None)
    year.tick()
    outage = Outage.objects.standing().get()
    assert (outage.kind, outage.subject) == ("provider", "saltedge")
    # Asked for all of them more often than the bank allows in a day: it costs none of them a call.
    for hours in (1, 2, 3, 4, 5, 6):
        year.at(26 + hours * HOUR)
        year.tick()
    year.check()
    for page in ("dashboard", "connection_list", "journal_list"):
        [banner] = year.banners(page)
        assert "Salt Edge has not answered since" in banner.text
    assert Connection.objects.filter(waits_for=outage).count() == 3
    # Two speak for themselves; with the third it is everybody's, and no longer its own. Who is which is by chance.
    assert sum(year.story(each).count(DOWN) for each in (connection, *others)) == 2
    year.far.disarm()
    year.at(26 + 7 * HOUR)
    year.tick()
    assert not Outage.objects.exists()
    year.at(26 + 7.5 * HOUR)
    year.step()
    assert (year.banners(), year.mails()) == ([], [])
    assert all(proven.gaps_of(account) == [] for account in connection.accounts.all())
    assert_well(connection)
    for other in others:
        ending.disconnect(other, person=year.anna)


def the_bank_wants_somebody_there(year: Year, connection: Connection) -> None:
    """The clock leaves it alone, a person fetches by hand, and puts it on the clock again."""
    year.at(40)
    year.far.arm("plaid_error", route="/connections/*/background_refresh", times=None, **THE_BANK_ASKS)
    year.tick()
    year.at(40.6)
    assert fetch_due() == 0
    page = read(year.browser.get(reverse("connection", args=[connection.pk])).content)
    assert "Switch automatic synchronization off" in [button.text for button in page.all("button")]
    assert year.fetch_by_hand(connection).state == SyncRun.State.DONE
    year.decide()
    year.check()
    year.far.disarm()
    on_the_clock = {"is_automatic": "on", "interval_hours": "12"}
    year.browser.post(reverse("set_automatic", args=[connection.pk]), on_the_clock)
    year.at(41.2)
    year.step()
    assert connection.runs.latest("pk").trigger == SyncRun.Trigger.CLOCK
    assert_well(connection)
    assert year.mails() == []


def the_password_changes(year: Year, connection: Connection) -> None:
    """Nobody reacts for a day and a half; then a person signs in again, and every id stays."""
    ids = identity_of(connection)
    year.at(60)
    year.far.arm("plaid_error", route="/transactions", times=None, **THE_PASSWORD_IS_WRONG)
    year.tick()
    connection.refresh_from_db()
    assert (connection.status, connection.error_action) == ("action_required", "update_credentials")
    assert year.mails() == []
    for day in (60.6, 61, 61.6):
        year.at(day)
        year.step()
    assert year.mails() == [f"Nothing arrives from {BANK}"]
    assert [banner.attributes["data-banner"] for banner in year.banners()] == ["silence"]
    assert Client().get("/health/feeds").status_code == 503
    year.far.disarm()
    year.update_credentials(connection)
    year.step()
    year.step()
    assert year.mails() == [f"{BANK} is fetched again"]
    assert (year.banners(), Client().get("/health/feeds").status_code) == ([], 200)
    assert identity_of(connection) == ids
    assert_well(connection)


def reminders_and_the_link(year: Year, connection: Connection) -> None:
    """A mail at each of five stages; somebody who has no sign-in renews by the link of the last one, once."""
    connection.refresh_from_db()
    ids, ends = identity_of(connection), connection.consent_expires_at
    assert ends is not None
    year.live((ends - START).days - 32)
    assert year.mails() == []
    subjects = []
    for days in (31, 30, 29, 15, 14, 8, 7, 6, 4, 3, 2, 1):
        year.clock.move_to(ends - days * DAY + dt.timedelta(hours=1))
        year.step()
        year.tick()
        subjects += year.mails()
    assert subjects == [f"The permission of {BANK} ends in {days} days" for days in (30, 15, 7, 3)] + [
        f"The permission of {BANK} ends in 1 day"
    ]
    [banner] = year.banners()
    assert banner.attributes["data-banner"] == "consent"
    use_link(year)
    year.step()
    connection.refresh_from_db()
    assert connection.consent_expires_at is not None
    assert connection.consent_expires_at > ends + 150 * DAY
    assert identity_of(connection) == ids
    assert (year.banners(), year.mails()) == ([], [])


def use_link(year: Year) -> None:
    address = next(line for line in year.last_mail.splitlines() if "/renew/" in line)
    path = address.removeprefix(NOWHERE)
    visitor = Client()
    assert BANK in visitor.get(path).content.decode()
    walk(visitor.post(path)["Location"], "Approve")
    attempt = LinkAttempt.objects.get(renewal_link__isnull=False)
    assert "Thank you" in visitor.get(reverse("renewal_return", args=[attempt.pk])).content.decode()
    assert (visitor.get(path).status_code, visitor.post(path).status_code) == (410, 410)


def the_proxy_blocks(year: Year, connection: Connection) -> None:
    """Suspicious activity: one banner everywhere, nothing is asked, and the code on the phone ends it."""
    story, client = year.story(connection), registrations.client_for(year.company)
    for number in range(TOO_MANY):
        with pytest.raises(ClientBlocked if number == TOO_MANY - 1 else NotFound):
            client.accounts(str(uuid.uuid4()))
    year.at(year.day + 1)
    assert fetch_due() == 0
    year.tick()
    for page in ("dashboard", "connection_list", "journal_list", "review_list", "access"):
        [banner] = year.banners(page)
        assert (banner.attributes["data-banner"], "blocked" in banner.text) == ("standing", True)
    year.browser.post(reverse("access_send_code"))
    year.enter_code()
    year.step()
    assert (year.banners(), year.story(connection)) == ([], story)
    assert_well(connection)


def the_operator_cuts_off(year: Year, connection: Connection) -> None:
    """Support has the client id and the reference; the company comes back with another key to the same connection."""
    story, ids = year.story(connection), identity_of(connection)
    before = ProxyRegistration.objects.get(company=year.company)
    operate(year, "disconnect")
    year.at(year.day + 1)
    year.tick()
    [banner] = year.banners()
    assert "disconnected" in banner.text
    cut_off = ProxyRegistration.objects.get(company=year.company)
    page = read(year.browser.get(reverse("access")).content).text
    assert cut_off.client_id in page
    assert cut_off.refusal_reference in page
    operate(year, "allow-again")
    year.browser.post(reverse("access_reconnect"))
    year.enter_code()
    year.step()
    back = ProxyRegistration.objects.get(company=year.company)
    assert (back.status, back.client_id) == (ProxyRegistration.Status.ACTIVE, before.client_id)
    assert back.public_key != before.public_key
    # The fetch that met it says so in the connection's chatter; the connection is none the worse for it.
    assert year.story(connection) == [*story, "error: client_disconnected"]
    assert (year.banners(), identity_of(connection)) == ([], ids)
    assert_well(connection)


def operate(year: Year, change: str) -> None:
    client_id = ProxyRegistration.objects.get(company=year.company).client_id
    why = ("--by", "otto", "--why", "asked by phone")
    manage("proxy", "stand_client", client_id, change, *why, environment=year.far.environment)


def another_provider(year: Year, connection: Connection) -> Connection:
    """Plaid has the same bank: the journals go on with it, nothing is there twice, and it tells what was taken back."""
    year.at(year.day + 1)
    year.step()
    journals = set(Journal.objects.values_list("pk", "first_day"))
    lines, withdrawn = StatementLine.objects.count(), year.withdrawn
    assert withdrawn
    newer = year.connect(BANK)
    assert newer.provider == "plaid"
    connection.refresh_from_db()
    assert (connection.status, connection.ended_at is not None) == ("superseded", True)
    assert {pk for pk, _day in journals} == set(Journal.objects.values_list("pk", flat=True))
    assert StatementLine.objects.count() == lines
    year.decide()
    year.check()
    assert not year.withdrawn
    assert year.decided["removed"] == withdrawn.total()
    return newer


def the_bank_has_news(year: Year, connection: Connection) -> None:
    """What the provider tells of is fetched at once, between two turns of the clock."""
    while True:
        year.at(year.day + 1)
        year.step()
        year.clock.move_to(timezone.now() + 10 * dt.timedelta(hours=1))
        assert fetch_due() == 0
        if year.has_news(connection.accounts.get()):
            break
    # The bank itself goes back and lives these hours again: this time its provider tells of them.
    year.far.move_clock(days=-1)
    year.far.move_clock(days=1)
    until(lambda: is_woken(year, connection), 20, what="the news")
    year.step()
    run = connection.runs.latest("pk")
    assert (run.trigger, run.reason) == (SyncRun.Trigger.EVENT, "new_lines")


def is_woken(year: Year, connection: Connection) -> bool:
    poll_events()
    return Connection.objects.filter(pk=connection.pk, woken_at__isnull=False).exists()


def what_is_pending_is_posted(year: Year, connection: Connection) -> None:
    """Pending ones are shown live and are no lines; days later those that the bank booked are."""
    client, account = registrations.client_for(year.company), connection.accounts.get()
    pending: set[str] = set()
    for _ in range(12):
        year.live(year.day + 1)
        pending |= {one.id for one in client.pending(connection.reference or "", account.identifier)}
        assert not StatementLine.objects.filter(transaction_id__in=pending).exists()
    year.live(year.day + 6)
    sources = StatementLine.objects.filter(account=account).exclude(raw="").values_list("raw", flat=True)
    assert pending & {json.loads(raw).get("pending_transaction_id") for raw in sources}


def what_the_year_brought(year: Year) -> None:
    """None of these may be missing, or the year would show less than it says."""
    assert all(year.decided[kind] for kind in ("changed", "removed", "locked")), year.decided
    assert year.reopened
    late = [
        line
        for line in StatementLine.objects.filter(run__trigger="clock").select_related("run")
        if line.run is not None and (line.run.started_at.date() - line.booking_date).days >= 7
    ]
    assert late


def ends(year: Year, older: Connection, newer: Connection) -> None:
    """Disconnected and deleted: what was read stays."""
    assert [told for told in year.story(older) if told != DOWN] == OLDER_STORY
    lines = StatementLine.objects.count()
    year.browser.post(reverse("disconnect", args=[newer.pk]))
    newer.refresh_from_db()
    assert (newer.status, newer.next_fetch_at) == ("revoked", None)
    assert year.story(newer) == NEWER_STORY
    year.at(366)
    assert fetch_due() == 0
    for connection in (older, newer):
        year.browser.post(reverse("delete_connection", args=[connection.pk]), {"is_removed": "on"})
    assert not Connection.objects.filter(company=year.company).exists()
    assert StatementLine.objects.count() == lines
    assert (year.banners(), year.mails()) == ([], [])
    year.check()


def assert_well(connection: Connection) -> None:
    """Nothing of what happened stands any more."""
    connection.refresh_from_db()
    assert (connection.status, connection.error_code, connection.failures) == ("connected", "", 0)
    assert connection.next_fetch_at is not None
    assert connection.next_fetch_at > timezone.now()


def identity_of(connection: Connection) -> tuple[str | None, list[tuple[int, str]]]:
    """What must stay when a permission is renewed: the reference, and every account with its id."""
    row = Connection.objects.get(pk=connection.pk)
    return row.reference, list(Account.objects.filter(connection=row).order_by("pk").values_list("pk", "identifier"))
