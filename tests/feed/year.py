"""One company through a year of moved time: what its person and the clock do, and the books held to the bank."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, User
from companies.services import settings as books_settings
from connections.models import Account, ChatterEntry, Connection, LinkAttempt
from connections.tasks import end_superseded, poll_events, settle_renewals, tell_people
from scripts.holder import walk
from scripts.text_messages import code_for
from statements import queries
from statements.models import Journal, ReviewItem, SyncRun
from statements.refusal import Refused
from statements.services import decisions
from statements.tasks import fetch_due
from tests.feed.moved_clock import MovedClock
from tests.feed.pretend import PHONE, FarSide, truth
from tests.pages.elements import Element, read
from tests.sessions import browser_of

# A Monday, at noon in UTC: hours away from the moments at which banks publish.
START = dt.datetime(2026, 1, 12, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
# What the bank is called by the sandbox's oracle.
WORLD = "corrections_bank"
# Chatter of every day, which a story does not tell one by one.
EVERYDAY = ("run",)

Movement = tuple[str, Decimal]
_DECISIONS = {"changed": "apply", "removed": "remove", "locked": "book_open_day"}


@dataclass
class Year:
    """The company, its person, the far side and the clock that all of them live by."""

    far: FarSide
    clock: MovedClock
    company: Company
    anna: User
    # What was decided in Review, by kind, and how many changes needed the books to be opened for them.
    decided: Counter[str] = field(default_factory=Counter)
    reopened: int = 0
    # What the bank took back without its provider telling.
    withdrawn: Counter[Movement] = field(default_factory=Counter)
    # What the last mail that was looked at says.
    last_mail: str = ""
    _known: dict[int, Counter[Movement]] = field(default_factory=dict)

    @property
    def browser(self) -> Client:
        """Anna's, newly signed in: a session ends within the year."""
        return browser_of(self.anna)

    @property
    def day(self) -> int:
        """How many days the year is old."""
        return (timezone.now() - START).days

    def at(self, day: float) -> None:
        """So many days after the start, to the minute."""
        self.clock.move_to(START + day * DAY)

    def live(self, until: int, *, every: int = 3) -> None:
        """Goes on to a day in steps of some days, and holds the books to the bank after each."""
        while self.day < until:
            self.at(min(self.day + every, until))
            self.step()

    def step(self) -> None:
        """One turn of the clock with all that belongs to it; what waits in Review is decided; the books are true."""
        self.close_months()
        self.tick()
        self.decide()
        self.check()

    def tick(self) -> None:
        """What beat starts, once."""
        fetch_due()
        poll_events()
        settle_renewals()
        tell_people()
        end_superseded()

    def close_months(self) -> None:
        """The books of a month are closed as soon as it is over."""
        last_day = timezone.localdate().replace(day=1) - DAY
        if self.company.lock_date != last_day:
            self._lock(last_day)

    # --- what a person does ------------------------------------------------------------------------------------------
    def connect(self, bank: str) -> Connection:
        """Connect bank, from the choice of the bank to the first fetch, on the pages; journals as suggested."""
        browser, institution = self.browser, self.far.bank(bank)
        start = reverse("connect_start", args=[institution.pk])
        sent = browser.post(start, {"phone_number": PHONE, "consent": "on"})
        if sent["Location"] == reverse("connect_phone", args=[institution.pk]):
            sent = browser.post(sent["Location"], {"code": code_for(PHONE, self.far.sandbox_url)})
        walk(sent["Location"], "Approve")
        attempt = LinkAttempt.objects.latest("created_at")
        assert browser.get(reverse("attempt_return", args=[attempt.pk])).status_code == 200
        address = browser.get(reverse("attempt", args=[attempt.pk]))["Location"]
        forms = browser.get(address).context["forms"]
        data = {
            f"{form.prefix}-{name}": form[name].value() or "" for form in forms for name in ("journal", "first_day")
        }
        assert browser.post(address, data)["Location"] == reverse("link_done", args=[attempt.pk])
        attempt.refresh_from_db()
        assert attempt.connection is not None
        return attempt.connection

    def update_credentials(self, connection: Connection) -> None:
        """Signs in at the bank again, and comes back."""
        browser = self.browser
        asked = browser.post(
            reverse("update_credentials", args=[connection.pk]), headers={"Accept": "application/json"}
        )
        walk(asked.json()["bank"], "Approve")
        way_on = browser.get(asked.json()["waiting"])["Location"]
        assert browser.get(way_on)["Location"] == reverse("connection", args=[connection.pk])

    def fetch_by_hand(self, connection: Connection) -> SyncRun:
        """Fetch Transactions."""
        assert self.browser.post(reverse("fetch", args=[connection.pk])).status_code == 302
        return connection.runs.latest("pk")

    def enter_code(self) -> None:
        """The code that arrived on the phone."""
        answer = self.browser.post(reverse("access_confirm"), {"code": code_for(PHONE, self.far.sandbox_url)})
        assert answer.status_code == 302, answer.content.decode()

    def decide(self) -> None:
        """Follows the bank in all that waits in Review, in the order in which it came."""
        for item in ReviewItem.objects.open().filter(journal__company=self.company).order_by("pk"):
            try:
                decisions.decide(item, _DECISIONS[item.kind], person=self.anna)
            except Refused:
                # A change in a closed month: the books are opened for it, and closed again.
                locked = self.company.lock_date
                self._lock(None)
                decisions.decide(item, _DECISIONS[item.kind], person=self.anna)
                self._lock(locked)
                self.reopened += 1
            self.decided[item.kind] += 1

    def _lock(self, day: dt.date | None) -> None:
        self.company.lock_date = day
        books_settings.change(self.company, person=self.anna)

    # --- what people see ---------------------------------------------------------------------------------------------
    def banners(self, page: str = "dashboard") -> list[Element]:
        """The banners over a page."""
        answer = self.browser.get(reverse(page))
        assert answer.status_code == 200
        return [element for element in read(answer.content) if "data-banner" in element.attributes]

    def story(self, connection: Connection) -> list[str]:
        """The chatter's codes in order, a state and an error with what they are, without what happens every day."""
        entries = ChatterEntry.objects.filter(connection=connection).exclude(code__in=EVERYDAY).order_by("pk")
        return [_told(entry) for entry in entries]

    def mails(self) -> list[str]:
        """The subjects of Anna's mails since the last look."""
        mine = [message for message in mail.outbox if self.anna.email in message.to]
        mail.outbox.clear()
        self.last_mail = str(mine[-1].body) if mine else ""
        return [str(message.subject) for message in mine]

    # --- the books and the bank --------------------------------------------------------------------------------------
    def check(self) -> None:
        """Every line of the bank is in the books once, statements are chained, and the balance is the bank's.

        While nothing could be fetched, the books are as they were.
        """
        for journal in queries.with_balance(Journal.objects.filter(company=self.company)):
            booked = _booked(journal)
            connection = journal.account.connection if journal.account else None
            read_at = connection.last_success_at if connection else None
            if read_at is not None and read_at > timezone.now() - dt.timedelta(hours=1):
                self._hold_to_bank(journal, booked)
                self._known[journal.pk] = booked
            assert booked == self._known[journal.pk]
            _hold_together(journal)

    def has_news(self, account: Account) -> bool:
        """Whether the bank has shown something since it was read."""
        read_at = Connection.objects.get(pk=account.connection_id).last_success_at
        shown = (row["appeared_at"] for row in truth(self.far, account, institution=WORLD)["transactions"])
        return read_at is not None and any(dt.datetime.fromisoformat(moment) > read_at for moment in shown)

    def _hold_to_bank(self, journal: Journal, booked: Counter[Movement]) -> None:
        assert journal.account is not None
        told = truth(self.far, journal.account, institution=WORLD)["transactions"]
        first = min(day for day, _amount in booked)
        true = Counter((row["booking_date"], Decimal(row["amount"])) for row in told if row["booking_date"] >= first)
        assert true - booked == Counter(), f"day {self.day}: not in the books"
        extra = booked - true
        # Salt Edge does not tell what a bank takes back. It stays, and is all that the balance differs by.
        assert not extra or journal.account.connection.provider == "saltedge", f"day {self.day}: {extra}"
        self.withdrawn = extra
        assert queries.proof_of(journal).difference == sum(amount for _day, amount in extra.elements())


def _booked(journal: Journal) -> Counter[Movement]:
    """(the bank's booking date, amount) of every line; each id of the provider once."""
    lines = list(journal.lines.all())
    ids = [(line.account_id, line.transaction_id) for line in lines]
    assert len(ids) == len(set(ids))
    return Counter(((line.original_date or line.booking_date).isoformat(), line.amount) for line in lines)


def _hold_together(journal: Journal) -> None:
    """Each statement begins with what the one before ended with, and is what its lines add up to."""
    closing = None
    for statement in journal.statements.order_by("first_day"):
        assert closing in (None, statement.opening)
        assert statement.opening is not None
        closing = statement.opening + sum((line.amount for line in statement.lines.all()), Decimal())
        assert closing == statement.closing


def _told(entry: ChatterEntry) -> str:
    more = {"state": entry.facts.get("state"), "error": entry.facts.get("error")}.get(entry.code)
    return f"{entry.code}: {more}" if more else entry.code
