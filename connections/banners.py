"""What stands above every page of a company: at most one banner for each cause, never one for each connection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.db.models import BigAutoField, DateTimeField, Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.models import Company
from companies.templatetags.formats import moment, time_of_day
from connections.failures import in_words
from connections.models import Connection, Heartbeat, Outage, ProxyRegistration
from connections.services import alarms, heartbeat, reminders
from connections.wording import provider_name
from foundation.prepared import Given, Prepared


@dataclass(frozen=True)
class Banner:
    """One cause: ``level`` says how bad it is, ``sentence`` says it all, ``url`` and ``label`` lead on.

    ``kind`` names the cause; of two banners of one kind, the first is shown. ``broken``: nothing goes on until a
    person does something. ``wait``: a person should know, and may do something. ``off``: it heals by itself.
    """

    kind: str
    level: Literal["broken", "wait", "off"]
    sentence: str
    url: str = ""
    label: str = ""
    reference: str = ""


def banners_for(company: Company) -> list[Banner]:
    """What this company's people must know now, the worst first. One small query where all is well."""
    seen = _look(company)
    found = {banner.kind: banner for cause in reversed(_CAUSES) for banner in cause(seen)}
    if found.keys() & {"standing", "proxy"}:
        # Nothing is heard of any bank for that one reason.
        found.pop("silence", None)
    return sorted(found.values(), key=lambda banner: _ORDER.index(banner.level))


@dataclass(frozen=True)
class _Seen:
    """What every page has to ask for; ``uneasy`` are the connections that may have fallen silent, or soon end."""

    company: Company
    now: dt.datetime
    registration: ProxyRegistration | None
    ticked_at: dt.datetime | None
    has_outages: bool
    has_unlinked: bool
    uneasy: list[Connection]


def _look(company: Company) -> _Seen:
    now = timezone.now()
    moments = {
        "silent_before": now - alarms.longest_silence(),
        "ended_after": now - reminders.FORGOTTEN,
        "ending_until": now + _SOON,
    }
    [row] = _frame_of(company=company.pk, **moments)
    is_uneasy: bool = row.is_uneasy  # type: ignore[attr-defined]
    return _Seen(
        company=company,
        now=now,
        registration=getattr(row, "registration", None),
        ticked_at=row.ticked_at,  # type: ignore[attr-defined]
        has_outages=row.has_outages,  # type: ignore[attr-defined]
        has_unlinked=row.has_unlinked,  # type: ignore[attr-defined]
        uneasy=_uneasy_of(company=company.pk, **moments) if is_uneasy else [],
    )


def _standing(seen: _Seen) -> list[Banner]:
    """The proxy refuses this company, or cannot be asked: once, however many connections that stops."""
    registration = seen.registration
    if registration is None:
        return []
    url = reverse("access")
    if registration.status == ProxyRegistration.Status.UNCONFIRMED and not _has_connections(seen.company):
        # Its first bank is being connected: the page for that asks for the code.
        return []
    if registration.status in _REFUSED:
        words, label = _REFUSED[registration.status]
        return [Banner(kind="standing", level="broken", sentence=str(words), url=url, label=str(label))]
    if not registration.trouble_code:
        return []
    sentence = in_words(registration.trouble_message, registration.trouble_code)
    return [Banner(kind="proxy", level="wait", sentence=sentence, url=url, label=_("See why"))]


def _has_connections(company: Company) -> bool:
    return Connection.objects.filter(company=company, reference__isnull=False).exists()


def _outages(seen: _Seen) -> list[Banner]:
    """What does not answer anybody, where this company needs it. It says when, and that nobody need do anything."""
    standing = list(Outage.objects.standing().order_by("pk")) if seen.has_outages else []
    return [
        Banner(
            kind="proxy" if outage.kind == Outage.Kind.PROXY else f"outage-{outage.pk}",
            level="off",
            sentence=_down(outage),
        )
        for outage in standing
        if Connection.objects.live().filter(outage.concerned, company=seen.company).exists()
    ]


def _down(outage: Outage) -> str:
    facts = {"name": _name(outage), "since": _when(outage.since or outage.first_failed_at)}
    if outage.kind == Outage.Kind.PROXY:
        return (
            _("The banksync proxy has not answered since %(since)s. It is asked again by itself; nothing is lost.")
            % facts
        )
    return (
        _("%(name)s has not answered since %(since)s. Nothing needs to be done: what comes meanwhile is fetched later.")
        % facts
    )


def _name(outage: Outage) -> str:
    if outage.kind != Outage.Kind.INSTITUTION:
        return provider_name(outage.subject)
    found = Connection.objects.filter(outage.concerned).values_list("institution__name", flat=True).first()
    return found or outage.subject


def _silences(seen: _Seen) -> list[Banner]:
    """Automatic connections that nobody could fetch for long: one banner, however many they are."""
    silent = [connection for connection in seen.uneasy if alarms.is_silent(connection, seen.now)]
    if not silent:
        return []
    since = _when(min(alarms.heard_at(connection) for connection in silent))
    one = _("%(bank)s could not be fetched since %(since)s.")
    many = ngettext(
        "%(n)d bank could not be fetched since %(since)s.",
        "%(n)d banks could not be fetched, the first since %(since)s.",
        len(silent),
    )
    facts = {"n": len(silent), "bank": silent[0].institution.name, "since": since}
    sentence = (one if len(silent) == 1 else many) % facts
    return [Banner(kind="silence", level="wait", sentence=sentence, url=_page_of(silent), label=_("See why"))]


def _endings(seen: _Seen) -> list[Banner]:
    """Permissions that end soon or have ended: the first of them by name, and how many there are."""
    ends = [(connection.consent_expires_at, connection) for connection in seen.uneasy]
    soon = [(at, row) for at, row in ends if at and seen.now - reminders.FORGOTTEN < at <= seen.now + _SOON]
    found = [row for _at, row in sorted(soon, key=lambda pair: pair[0])]
    if not found:
        return []
    days = reminders.days_left(found[0], seen.now) or 0
    sentence = _ends(found[0].institution.name, days)
    if len(found) > 1:
        others = len(found) - 1
        more = ngettext("Another bank follows.", "%(n)d other banks follow.", others) % {"n": others}
        sentence = _("%(one)s %(more)s") % {"one": sentence, "more": more}
    return [Banner(kind="consent", level="wait", sentence=sentence, url=_page_of(found), label=_("Renew"))]


def _ends(bank: str, days: int) -> str:
    if not days:
        return _("The permission of %(bank)s has ended: renew it.") % {"bank": bank}
    return ngettext(
        "Renew the permission of %(bank)s: it ends in %(days)d day.",
        "Renew the permission of %(bank)s: it ends in %(days)d days.",
        days,
    ) % {"bank": bank, "days": days}


def _unlinked(seen: _Seen) -> list[Banner]:
    """Banks that are connected and feed nothing: somebody left before the journals were chosen."""
    never_fetched = _never_fetched().filter(company=seen.company).select_related("institution").order_by("pk")
    found = list(never_fetched) if seen.has_unlinked else []
    if not found:
        return []
    one = _("%(bank)s is connected, but no journal is chosen for its accounts yet.")
    many = ngettext(
        "%(n)d bank is connected, but no journal is chosen for its accounts yet.",
        "%(n)d banks are connected, but no journals are chosen for their accounts yet.",
        len(found),
    )
    sentence = (one if len(found) == 1 else many) % {"n": len(found), "bank": found[0].institution.name}
    return [Banner(kind="unlinked", level="wait", sentence=sentence, url=_page_of(found), label=_("Go on"))]


def _never_fetched() -> QuerySet[Connection]:
    """Those without a next fetch: choosing a journal asks for the first one."""
    return Connection.objects.live().filter(status=Connection.Status.CONNECTED, next_fetch_at__isnull=True)


def _page_of(found: list[Connection]) -> str:
    """The page of the one that is meant, or the list of all."""
    return reverse("connection", args=[found[0].pk]) if len(found) == 1 else reverse("connection_list")


def _clock(seen: _Seen) -> list[Banner]:
    """The clock stands still: said to those who rely on it."""
    since = heartbeat.silent_since(seen.now, last=seen.ticked_at)
    if since is None or not alarms.automatic().filter(company=seen.company).exists():
        return []
    sentence = _(
        "Nothing is fetched by itself since %(since)s: the clock of this server stands still. "
        "Tell whoever runs it; fetching by hand may still work."
    )
    return [Banner(kind="clock", level="wait", sentence=sentence % {"since": _when(since)})]


def _when(at: dt.datetime) -> str:
    """The time of day for what began today, with the day for anything else."""
    is_today = timezone.localtime(at).date() == timezone.localdate()
    return time_of_day(at) if is_today else moment(at)


_REFUSED = {
    "unconfirmed": (
        gettext_lazy(
            "The phone number of this company is not confirmed: nothing is fetched until the code is entered."
        ),
        gettext_lazy("Enter the code"),
    ),
    "blocked": (
        gettext_lazy(
            "The proxy has blocked this company because of suspicious activity: nothing is fetched until it is "
            "reactivated with a code sent to its phone."
        ),
        gettext_lazy("Reactivate"),
    ),
    "disconnected": (
        gettext_lazy("The proxy's operator has disconnected this company: nothing is fetched until it is reconnected."),
        gettext_lazy("Reconnect"),
    ),
    "unpaid": (
        gettext_lazy(
            "The subscription does not cover online bank synchronization: nothing is fetched until it is renewed."
        ),
        gettext_lazy("See why"),
    ),
}
# Earlier than that it is said where the connection is shown.
_SOON = dt.timedelta(days=7)
# More than these are not counted: nobody reads on.
_ENOUGH = 1000
_ORDER = ("broken", "wait", "off")
_OF_REGISTRATION = ("status", "trouble_code", "trouble_message")
_OF_CONNECTION = (
    "status",
    "reference",
    "is_automatic",
    "interval_hours",
    "next_fetch_at",
    "last_success_at",
    "created_at",
    "consent_expires_at",
    "institution__name",
)
# Each gives the banners of its cause, mostly none.
_CAUSES: tuple[Callable[[_Seen], list[Banner]], ...] = (_standing, _clock, _silences, _endings, _unlinked, _outages)


def _frame() -> QuerySet[Company]:
    """A company's row with what the proxy thinks of it, when the clock last ticked, and whether there is more to say:
    something is down, was left halfway (``has_unlinked``), or is ``_uneasy``."""
    asked = Company.objects.select_related("registration").annotate(
        ticked_at=Subquery(Heartbeat.objects.values("at")[:1]),
        has_outages=Exists(Outage.objects.standing()),
        has_unlinked=Exists(_never_fetched().filter(company=OuterRef("pk"))),
        is_uneasy=Exists(_uneasy().filter(company=OuterRef("pk"))),
    )
    asked = asked.only("pk", *(f"registration__{name}" for name in _OF_REGISTRATION))
    return asked.filter(pk=_COMPANY)


def _uneasy() -> QuerySet[Connection]:
    """Connections that may have fallen silent, and those whose permission ends."""
    ending = reminders.ending(Given("ended_after", DateTimeField()), Given("ending_until", DateTimeField()))
    return alarms.perhaps_silent(Given("silent_before", DateTimeField())) | ending


def _uneasy_of_company() -> QuerySet[Connection]:
    mine = _uneasy().filter(company=_COMPANY).select_related("institution")
    return mine.only(*_OF_CONNECTION).order_by("pk")[:_ENOUGH]


_COMPANY = Given("company", BigAutoField())
_frame_of, _uneasy_of = Prepared(_frame), Prepared(_uneasy_of_company)
