"""Sentences for what happened, and the tone each state is shown in."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from connections import attention, failures, wording
from connections.models import ChatterEntry, Connection
from connections.services import alarms

register = template.Library()

# Green agrees, amber waits for a person, red is broken, grey is off.
_TONES = {
    Connection.Status.CONNECTED: "ok",
    Connection.Status.ACTION_REQUIRED: "wait",
    Connection.Status.DISCONNECTED: "broken",
    Connection.Status.REVOKED: "broken",
}
_ICONS = {"ok": "circle-check", "wait": "alert-triangle", "broken": "plug-connected-x", "off": "circle-minus"}


@register.filter
def sentence(entry: ChatterEntry) -> str:
    """``{{ entry|sentence }}``: a chatter entry as one sentence."""
    return wording.sentence(entry)


@register.filter
def reason(result: Any) -> str:
    """``{{ run|reason }}``: how a run, or one account's part in it, ended."""
    return wording.reason(result.reason, message=result.error_message, error=result.error_code)


@register.filter
def in_words(message: str, code: str = "") -> str:
    """``{{ error.message|in_words:error.code }}``: the sentence of a failure in the reader's language."""
    return failures.in_words(str(message or ""), str(code or ""))


@register.filter
def counts(result: Any) -> str:
    """``{{ run|counts }}``: "14 new, 398 known" of a run or of one account's part in it."""
    return wording.counts({name: getattr(result, name) for name in ("new", "known", "changed", "held", "skipped")})


@register.filter
def provider_name(provider: str) -> str:
    """``{{ institution.provider|provider_name }}``: "Salt Edge"."""
    return wording.provider_name(provider)


@register.filter
def account_kinds(kinds: list[str]) -> str:
    """``{{ way.capabilities.account_kinds|account_kinds }}``: "current accounts, cards"."""
    return wording.account_kinds(kinds or [])


@register.filter
def holder_types(types: list[str]) -> str:
    """``{{ way.capabilities.holder_types|holder_types }}``: "companies and private people"."""
    return wording.holder_types(types or [])


@register.filter
def next_step(action: str, code: str = "") -> str:
    """``{{ run.error_action|next_step:run.error_code }}``: what to do next, or nothing."""
    return wording.next_step(action, code)


@register.filter
def step_after(entry: ChatterEntry) -> str:
    """``{{ entry|step_after }}``: what to do next about what a chatter entry tells, or nothing."""
    return wording.next_step(entry.action, entry.facts.get("error", ""))


@register.filter
def asks_to_sign_in(entry: ChatterEntry) -> bool:
    """``{{ entry|asks_to_sign_in }}``: whether to sign in at the bank again is what helps."""
    return entry.action == "update_credentials" or entry.facts.get("error") == "already_connected"


@register.filter
def heals(entry: ChatterEntry) -> bool:
    """``{{ entry|heals }}``: whether a failure is tried again by itself, so that nobody need do anything."""
    return entry.action in {"retry", "wait"}


@register.filter
def is_silent(connection: Connection) -> bool:
    """``{{ connection|is_silent }}``: whether it should be fetched by itself and has not been for too long."""
    return alarms.is_silent(connection, timezone.now())


@register.filter
def days_to_renew(connection: Connection) -> int | None:
    """``{{ connection|days_to_renew }}``: days left of a permission that can be renewed now; None where none can."""
    return attention.days_to_renew(connection, timezone.now())


@register.filter
def tone(connection: Connection) -> str:
    """``{{ connection|tone }}``: ok, wait, broken or off. A failure that stands keeps a connection from being ok."""
    found = _TONES.get(Connection.Status(connection.status), "off")
    return "wait" if found == "ok" and connection.error_code else found


@register.filter
def tone_icon(name: str) -> str:
    """``{{ connection|tone|tone_icon }}``: the picture beside the word."""
    return _ICONS[name]
