"""What can be done with a connection now, and why not where it cannot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.templatetags.formats import day, moment, time_of_day
from connections.models import Connection, ProxyRegistration

# A permission can be renewed early from so long before its end.
EARLY = dt.timedelta(days=30)
Status = Connection.Status


@dataclass(frozen=True)
class Possible:
    """One thing that can be done: ``why_not`` is a sentence for people, "" when it can."""

    why_not: str = ""

    @property
    def can(self) -> bool:
        return not self.why_not


@dataclass(frozen=True)
class Possibilities:
    """Everything that can be done with one connection."""

    fetch: Possible
    # Whether a fetch can go well at this moment, where one can be asked for at all.
    fetch_now: Possible
    update: Possible
    extend: Possible
    reconnect: Possible
    automatic: Possible
    disconnect: Possible
    delete: Possible


def possibilities(connection: Connection, *, now: dt.datetime) -> Possibilities:
    """What the buttons of a connection can do at this moment. Asks nobody."""
    ended, refused = Possible(_ended(connection)), Possible(_refused(connection))
    return Possibilities(
        fetch=ended if not ended.can else refused,
        fetch_now=ended if not ended.can else Possible(refused.why_not or _not_yet(connection, now)),
        update=ended if not ended.can else refused,
        extend=ended if not ended.can else Possible(refused.why_not or _not_to_be_extended(connection, now)),
        reconnect=Possible(_not_to_be_reconnected(connection)),
        automatic=Possible(_not_by_clock(connection)),
        disconnect=Possible(_not_to_be_ended(connection)),
        delete=Possible(_not_to_be_deleted(connection)),
    )


def _ended(connection: Connection) -> str:
    if connection.is_live:
        return ""
    return {
        Status.DRAFT: _("The bank has not approved this connection yet."),
        Status.DISCONNECTED: _("This connection no longer exists at the bank: connect the bank again."),
        Status.REVOKED: _("The permission of this connection has ended: connect the bank again."),
        Status.SUPERSEDED: _("A newer connection has taken the accounts over."),
        Status.LEGACY: _("An older system made this connection: connect the bank again."),
    }.get(Status(connection.status), _("This connection does not work any more: connect the bank again."))


def _refused(connection: Connection) -> str:
    """What the proxy refuses for the whole company. A subscription may have been renewed: that can be tried."""
    refused = ProxyRegistration.objects.refused().filter(company=connection.company_id)
    status = refused.exclude(status=ProxyRegistration.Status.UNPAID).values_list("status", flat=True).first()
    if status is None:
        return ""
    return {
        "unconfirmed": _("Confirm the company's phone number first."),
        "blocked": _("The proxy has blocked this company: reactivate it first."),
    }.get(status, _("The proxy's operator has disconnected this company: reconnect it first."))


def _not_yet(connection: Connection, now: dt.datetime) -> str:
    until = connection.limited_until
    if until is None or until <= now:
        return ""
    when = time_of_day(until) if until - now < dt.timedelta(hours=12) else moment(until)
    return _("The limit of calls is reached: it can be fetched again at %(moment)s.") % {"moment": when}


def _not_to_be_extended(connection: Connection, now: dt.datetime) -> str:
    ends = connection.consent_expires_at
    if ends is None:
        return _("The bank's permission has no end.")
    if ends - EARLY <= now:
        return ""
    first = timezone.localtime(ends - EARLY).date()
    return _("The bank's permission can be extended from %(day)s on.") % {"day": day(first)}


def _not_to_be_reconnected(connection: Connection) -> str:
    if connection.status == Status.SUPERSEDED:
        return _("A newer connection has taken the accounts over.")
    if connection.institution.is_removed and connection.status != Status.LEGACY:
        return _("The provider no longer offers this bank: look for it at another provider.")
    return _("This connection works: Update Credentials keeps it.") if connection.is_live else ""


def _not_by_clock(connection: Connection) -> str:
    if connection.institution.capabilities.get("unattended") is False:
        return _("This bank can be read only while somebody is there: fetch by hand.")
    return _ended(connection)


def _not_to_be_ended(connection: Connection) -> str:
    if connection.ended_at is not None or connection.status == Status.REVOKED:
        return _("This connection has ended already.")
    return "" if connection.reference else _("Nothing of this connection is known to the provider.")


def _not_to_be_deleted(connection: Connection) -> str:
    if connection.is_live:
        return _("Disconnect it first.")
    if connection.status == Status.SUPERSEDED and connection.ended_at is None and connection.reference:
        return _("The provider has not been told yet that it ended.")
    return ""
