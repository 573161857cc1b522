"""Turns codes into sentences, in the reader's language: reasons, chatter entries, next steps."""

from __future__ import annotations

import functools
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.templatetags.formats import day, grouped, moment
from connections.failures import in_words
from connections.models import ChatterEntry, Connection
from providers.errors import quoting

# Proper names, the same in every language.
PROVIDERS = {"plaid": "Plaid", "saltedge": "Salt Edge", "ponto": "Ponto"}

# The kinds of account a bank gives.
ACCOUNT_KINDS = {
    "current": gettext_lazy("current accounts"),
    "savings": gettext_lazy("savings"),
    "cards": gettext_lazy("cards"),
    "loans": gettext_lazy("loans"),
    "securities": gettext_lazy("securities"),
    "payments": gettext_lazy("payment services"),
    "other": gettext_lazy("other accounts"),
}

# Whom a bank serves, by all of its kinds of customer.
HOLDER_TYPES = {
    ("business",): gettext_lazy("companies"),
    ("personal",): gettext_lazy("private people"),
    ("business", "personal"): gettext_lazy("companies and private people"),
}

# The result of a run in a few words. A failed run's reason is its error's code; its sentence is the error's own.
REASONS = {
    "new_lines": gettext_lazy("New transactions were booked."),
    "nothing_new": gettext_lazy("The bank has nothing new."),
    "all_held": gettext_lazy("What came waits for a decision in Review."),
    "before_first_day": gettext_lazy("Everything the bank sent lies before the first day you chose."),
    "no_account_linked": gettext_lazy("No account of this connection feeds a journal yet."),
    "only_pending": gettext_lazy("The bank shows only pending transactions; they are booked once they are posted."),
    "no_account_authorised": gettext_lazy(
        "The bank shows no account: Update Credentials, and tick the accounts on the bank's page."
    ),
    "account_closed": gettext_lazy("The account is closed at the bank or no longer shared. What was read stays."),
    "rate_limited": gettext_lazy("The limit of calls is reached; it is fetched again as soon as calls are left."),
    "user_present": gettext_lazy("The bank asks for a confirmation each time: fetch by hand."),
    "consent_expired": gettext_lazy("The bank's permission has ended: Update Credentials."),
    "still_fetching": gettext_lazy("The provider is still reading from the bank; it is tried again by itself."),
    "taken_over": gettext_lazy("A newer connection to this bank took the accounts over."),
    "worker_stopped": gettext_lazy("The fetch was interrupted on this server; the next one goes on where it stopped."),
}

# What a person can do next, as the words on a button or a link.
NEXT_STEPS = {
    "retry": gettext_lazy("It is tried again by itself."),
    "wait": gettext_lazy("It is tried again by itself."),
    "reconnect": gettext_lazy("Connect the bank again."),
    "update_credentials": gettext_lazy("Sign in at the bank again."),
    "user_present": gettext_lazy("Fetch by hand and confirm at the bank."),
    "disable_auto_sync": gettext_lazy("Switch automatic synchronization off."),
    "reactivate": gettext_lazy("Reactivate with the code sent to your phone."),
    "renew_subscription": gettext_lazy("Renew the subscription."),
    "delete_at_provider": gettext_lazy("Delete the connection at the provider."),
    "contact_support": gettext_lazy("Contact support and give the reference."),
}

# Where the code says more exactly than the action what helps.
_STEPS_BY_CODE = {
    # Not the bank, but the company itself is what connects again.
    "client_disconnected": gettext_lazy("Reconnect this company to the proxy."),
    "not_found": gettext_lazy("Fetch the accounts anew: the bank may show others now."),
    "not_supported": gettext_lazy("Connect this bank through another provider, or import its files."),
    "already_connected": gettext_lazy("Sign in at the bank again."),
}

_WHY = {
    "approved": gettext_lazy("approved at the bank"),
    "works_again": gettext_lazy("it works again"),
    "consent_expired": gettext_lazy("the bank asks for a new sign-in"),
    "credentials_rejected": gettext_lazy("the bank did not accept the sign-in"),
    "connection_gone": gettext_lazy("the provider no longer knows it"),
    "user_present": gettext_lazy("the bank can be read only while somebody is there"),
    "not_supported": gettext_lazy("the bank does not allow it"),
    "institution_retired": gettext_lazy("the provider no longer supports this bank"),
    "withdrawn": gettext_lazy("the permission was withdrawn"),
    "taken_over": gettext_lazy("a newer connection took its accounts over"),
    "person": gettext_lazy("switched by hand"),
    "disconnected": gettext_lazy("disconnected here"),
    "client_disconnected": gettext_lazy("the proxy does not know this installation any more"),
}

_TRIGGERS = {
    "person": gettext_lazy("Fetched by hand"),
    "clock": gettext_lazy("Fetched by clock"),
    "link": gettext_lazy("Fetched after linking"),
    "event": gettext_lazy("Fetched as the bank had news"),
}


def provider_name(provider: str) -> str:
    """A provider as it calls itself."""
    return PROVIDERS.get(provider, provider.capitalize())


def account_kinds(kinds: list[str]) -> str:
    """The kinds of account as people call them, each once; a kind without a word of ours is left out."""
    return ", ".join(dict.fromkeys(str(ACCOUNT_KINDS[kind]) for kind in kinds if kind in ACCOUNT_KINDS))


def holder_types(types: list[str]) -> str:
    """Whom a bank serves, or nothing where it does not say."""
    return str(HOLDER_TYPES.get(tuple(sorted(types)), ""))


def reason(code: str, *, message: str = "", error: str = "") -> str:
    """One sentence for how a run ended; ``message`` is the error's own when it failed, ``error`` its code."""
    if message:
        return in_words(message, error)
    return str(REASONS.get(code, "")) or _("It ended: %(code)s.") % {"code": code}


def next_step(action: str, code: str = "") -> str:
    """What to do next, or nothing. ``code`` is the error's, where one action means two things."""
    return str(_STEPS_BY_CODE[code] if code in _STEPS_BY_CODE else NEXT_STEPS.get(action, ""))


def sentence(entry: ChatterEntry) -> str:
    """A chatter entry as one sentence."""
    write = _SENTENCES.get(entry.code)
    return write(entry.facts) if write else entry.text or entry.code


def counts(facts: dict[str, Any]) -> str:
    """ "14 new, 398 known" with what else there is to say."""
    parts = [ngettext("%(n)s new", "%(n)s new", facts["new"]) % {"n": grouped(facts["new"])}]
    if facts["known"]:
        parts.append(ngettext("%(n)s known", "%(n)s known", facts["known"]) % {"n": grouped(facts["known"])})
    if facts.get("changed"):
        parts.append(ngettext("%(n)s changed", "%(n)s changed", facts["changed"]) % {"n": grouped(facts["changed"])})
    if facts.get("held"):
        parts.append(ngettext("%(n)s held", "%(n)s held", facts["held"]) % {"n": grouped(facts["held"])})
    if facts.get("skipped"):
        before = ngettext("%(n)s before the first day", "%(n)s before the first day", facts["skipped"])
        parts.append(before % {"n": grouped(facts["skipped"])})
    return functools.reduce(lambda one, more: _("%(one)s, %(more)s") % {"one": one, "more": more}, parts)


def _state(facts: dict[str, Any]) -> str:
    label = dict(Connection.Status.choices).get(facts["state"], facts["state"])
    why = _WHY.get(facts["why"], facts["why"])
    return _("%(state)s: %(why)s.") % {"state": label, "why": why}


def _run(facts: dict[str, Any]) -> str:
    trigger = _TRIGGERS.get(facts["trigger"], facts["trigger"])
    if facts["reason"] == "new_lines":
        return _("%(trigger)s: %(counts)s.") % {"trigger": trigger, "counts": counts(facts)}
    return _("%(trigger)s: %(counts)s. %(reason)s") % {
        "trigger": trigger,
        "counts": counts(facts),
        "reason": reason(facts["reason"]),
    }


def _error(facts: dict[str, Any]) -> str:
    said = in_words(quoting(facts["message"], facts.get("provider_message", "")), facts.get("error", ""))
    if facts.get("error") != "rate_limited" or not facts.get("retry_at"):
        return said
    return _("%(said)s It can be read again from %(moment)s on.") % {"said": said, "moment": _moment(facts["retry_at"])}


def _linked(facts: dict[str, Any]) -> str:
    return _("Accounts linked: %(journals)s.") % {"journals": facts["journals"] or _("none")}


def _automatic_off(facts: dict[str, Any]) -> str:
    return _("Automatic synchronization is off: %(why)s.") % {"why": _WHY.get(facts["why"], facts["why"])}


def _automatic_on(facts: dict[str, Any]) -> str:
    return ngettext(
        "Automatic synchronization is on: every hour.",
        "Automatic synchronization is on: every %(hours)d hours.",
        facts["hours"],
    ) % {"hours": facts["hours"]}


def _consent_expiring(facts: dict[str, Any]) -> str:
    ends = parse_datetime(facts.get("expires_at", ""))
    if ends is None:
        return _("The bank's permission ends soon: sign in at the bank again.")
    last = timezone.localtime(ends).date()
    return _("The bank's permission ends on %(day)s: sign in at the bank again before.") % {"day": day(last)}


def _silent(facts: dict[str, Any]) -> str:
    return _("Nothing could be fetched since %(moment)s; people were told by e-mail.") % {
        "moment": _moment(facts.get("since", ""))
    }


def _reminded(facts: dict[str, Any]) -> str:
    ends = parse_datetime(facts.get("expires_at", ""))
    last = day(timezone.localtime(ends).date()) if ends else ""
    return ngettext(
        "%(n)d person was reminded by e-mail that the bank's permission ends on %(day)s.",
        "%(n)d people were reminded by e-mail that the bank's permission ends on %(day)s.",
        facts["people"],
    ) % {"n": facts["people"], "day": last}


def _renewal_link_used(facts: dict[str, Any]) -> str:
    return _("The bank's page was opened by the link in a reminder.")


def _moment(text: str) -> str:
    at = parse_datetime(text)
    return moment(at) if at else ""


def _renewed(facts: dict[str, Any]) -> str:
    return _("Signed in at the bank again.")


def _every_account(facts: dict[str, Any]) -> str:
    return _("Every kind of account is asked for from now on.")


def _took_over(facts: dict[str, Any]) -> str:
    return _("The journals of the older connection to %(institution)s go on with this one.") % facts


def _imported_legacy(facts: dict[str, Any]) -> str:
    return _("Taken over from an older system.")


def _at_the_end(facts: dict[str, Any]) -> str:
    return _("The provider was told that this connection has ended.")


def _record_stays(facts: dict[str, Any]) -> str:
    return _(
        "The permission is withdrawn and nothing is read any more. The provider keeps a record of the connection until "
        "you remove it there; until then the same sign-in may be refused as connected already."
    )


def _accounts_changed(facts: dict[str, Any]) -> str:
    return _("The accounts at the bank have changed: fetch the accounts to see them.")


def _undone(facts: dict[str, Any]) -> str:
    return ngettext(
        "A fetch was undone: %(n)s line was taken out.",
        "A fetch was undone: %(n)s lines were taken out.",
        facts["lines"],
    ) % {"n": grouped(facts["lines"])}


def _brought_back(facts: dict[str, Any]) -> str:
    return ngettext(
        "%(n)d line that was taken out may come back with the next fetch.",
        "%(n)d lines that were taken out may come back with the next fetch.",
        facts["lines"],
    ) % {"n": facts["lines"]}


def _missing_imported(facts: dict[str, Any]) -> str:
    return _("Missing transactions were looked for and imported: %(new)d new, %(held)d held.") % facts


def _journal_archived(facts: dict[str, Any]) -> str:
    return _("The journal %(journal)s was archived: nothing is fetched for it any more.") % facts


def _journal_back(facts: dict[str, Any]) -> str:
    return _("The journal %(journal)s was brought back and is fed again.") % facts


def _abandoned(facts: dict[str, Any]) -> str:
    return reason(facts["reason"])


_SENTENCES = {
    "state": _state,
    "run": _run,
    "error": _error,
    "linked": _linked,
    "run_abandoned": _abandoned,
    "fetch_undone": _undone,
    "fetch_brought_back": _brought_back,
    "missing_imported": _missing_imported,
    "journal_archived": _journal_archived,
    "journal_back": _journal_back,
    "automatic_on": _automatic_on,
    "automatic_off": _automatic_off,
    "consent_expiring": _consent_expiring,
    "renewed": _renewed,
    "every_account": _every_account,
    "silent": _silent,
    "reminded": _reminded,
    "renewal_link_used": _renewal_link_used,
    "took_over": _took_over,
    "imported_legacy": _imported_legacy,
    "ended": _at_the_end,
    "record_stays": _record_stays,
    "accounts_changed": _accounts_changed,
}
