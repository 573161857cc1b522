"""The control routes: plain JSON, no sign-in, nothing a real provider has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox.conditions import clock, faults
from sandbox.control import truth
from sandbox.plaid import notices
from sandbox.plaid.models import Item
from sandbox.ponto import webhooks
from sandbox.ponto.models import SharedAccount
from sandbox.saltedge import callbacks
from sandbox.world.directory import institutions
from sandbox.world.scenarios import SCENARIOS


class PlaidNotice(msgspec.Struct, forbid_unknown_fields=True):
    """A message that Plaid is to send: any type and code, with any ``fields``; spoiled by ``variant``.

    It is about the Item with this id, or the one that was made last at an institution (its id in the world).
    """

    webhook_type: str
    webhook_code: str
    item_id: str = ""
    institution: str = ""
    variant: notices.Variant = ""
    fields: dict[str, Any] = {}


class PontoNotice(msgspec.Struct, forbid_unknown_fields=True):
    """A message that Ponto is to send: of any ``kind`` (``account.transactionsCreated``); spoiled by ``variant``.

    It is about the account of an institution (its id in the world) that was shared last.
    """

    kind: str
    institution: str
    variant: webhooks.Variant = ""
    fields: dict[str, Any] = {}


class ClockMove(msgspec.Struct, forbid_unknown_fields=True):
    """How far to move the clock: both are added up, either may be negative."""

    days: int = 0
    seconds: int = 0

    @property
    def seconds_in_all(self) -> int:
        return self.days * 86_400 + self.seconds


@require_http_methods(["GET", "POST", "DELETE"])
def clock_view(request: HttpRequest) -> HttpResponse:
    """``GET`` shows the sandbox's time, ``POST {"days": 1}`` moves it, ``DELETE`` goes back to the real one."""
    if request.method == "DELETE":
        clock.reset()
    elif request.method == "POST":
        return _taking(request, ClockMove, work=_move, then=_clock)
    return _clock()


def _move(asked: ClockMove) -> None:
    """Whoever is told of what happens is told of all that happened meanwhile."""
    before = clock.now()
    clock.move(asked.seconds_in_all)
    notices.catch_up(before, now=clock.now())
    callbacks.catch_up(before, now=clock.now())
    webhooks.catch_up(before, now=clock.now())


@require_http_methods(["GET", "POST", "DELETE"])
def faults_view(request: HttpRequest) -> HttpResponse:
    """``GET`` lists the armed faults, ``POST`` arms one, ``DELETE`` takes all away."""
    if request.method == "DELETE":
        faults.disarm()
    elif request.method == "POST":
        return _taking(request, faults.AnyFault, work=faults.arm, then=_faults)
    return _faults()


@require_POST
def plaid_notice_view(request: HttpRequest) -> HttpResponse:
    """``POST`` has Plaid send a message, as ``PlaidNotice`` says it."""
    sent: list[bool] = []
    return _taking(
        request, PlaidNotice, work=lambda asked: sent.append(_tell(asked)), then=lambda: _json({"sent": sent[0]})
    )


def _tell(asked: PlaidNotice) -> bool:
    items = Item.objects.filter(removed_at=None).order_by("pk")
    named = items.filter(item_id=asked.item_id) if asked.item_id else items.filter(institution_id=asked.institution)
    item = named.last()
    return item is not None and notices.tell(
        item,
        asked.webhook_type,
        code=asked.webhook_code,
        now=clock.now(),
        variant=asked.variant,
        **asked.fields,
    )


@require_POST
def ponto_notice_view(request: HttpRequest) -> HttpResponse:
    """``POST`` has Ponto send a message, as ``PontoNotice`` says it."""
    sent: list[bool] = []
    return _taking(
        request,
        PontoNotice,
        work=lambda asked: sent.append(_tell_of_ponto(asked)),
        then=lambda: _json({"sent": sent[0]}),
    )


def _tell_of_ponto(asked: PontoNotice) -> bool:
    rows = SharedAccount.objects.select_related("organization").order_by("pk")
    row = rows.filter(account_key__startswith=f"{asked.institution}.").last()
    if row is not None:
        webhooks.tell(asked.kind, row.organization, now=clock.now(), row=row, variant=asked.variant, **asked.fields)
    return row is not None


@require_GET
def truth_view(request: HttpRequest) -> HttpResponse:
    """The true posted ledger as of now: ``?item_id=``, ``?access_token=``, or ``?institution=`` (``&account=``)."""
    asked = {name: request.GET.get(name, "") for name in ("item_id", "access_token", "institution", "account")}
    if asked["item_id"] or asked["access_token"]:
        told = truth.of_item(item_id=asked["item_id"], access_token=asked["access_token"], now=clock.now())
    else:
        told = truth.of_institution(asked["institution"], account=asked["account"], now=clock.now())
    if told is None:
        return _json({"error": "no such Item, institution or account; ids are compared letter by letter"}, status=404)
    return _json(told)


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Answers when the site is alive and its database can be read."""
    return _json({"status": "ok", "now": clock.now()})


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What this place is, and which banks behave how."""
    context = {"scenarios": SCENARIOS, "total": f"{len(institutions()):,}", "now": clock.now()}
    return render(request, "sandbox/index.html", context)


def _taking(
    request: HttpRequest, kind: Any, *, work: Callable[[Any], object], then: Callable[[], HttpResponse]
) -> HttpResponse:
    """Reads a body of ``kind``, works with it and answers; a body that is none is told why."""
    try:
        body = msgspec.json.decode(request.body, type=kind)
    except msgspec.MsgspecError as error:
        return _json({"error": str(error)}, status=400)
    work(body)
    return then()


def _clock() -> HttpResponse:
    return _json({"now": clock.now(), "seconds_ahead": clock.seconds_ahead()})


def _faults() -> HttpResponse:
    return _json({"faults": faults.described()})


def _json(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)
