"""The phone's gateway, which takes messages as JSON or as a form, its page, and the same for programs."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sandbox.phone import messages


class Sent(msgspec.Struct):
    """A message as it is sent; what else a sender adds is not looked at."""

    to: str
    text: str


@require_POST
def gateway(request: HttpRequest) -> HttpResponse:
    """``POST {"to": "+32…", "text": "…"}``, as JSON or as a form, brings a message to the phone."""
    try:
        sent = msgspec.convert(_content(request), type=Sent)
    except msgspec.MsgspecError as error:
        return _json({"error": str(error)}, status=400)
    message = messages.receive(sent.to, sent.text)
    return _json({"id": message.pk}, status=201)


@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """What a person sees who looks at the phone."""
    return render(request, "sandbox/phone.html", {"messages": messages.latest()})


@require_GET
def control_view(request: HttpRequest) -> HttpResponse:
    """The same for programs, newest first: ``?to=+32…`` for one number's."""
    found = messages.latest(request.GET.get("to", ""))
    told = [{"id": one.pk, "to": one.number, "text": one.text, "at": one.at} for one in found]
    return _json({"messages": told})


def _content(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == "application/json":
        content: dict[str, Any] = msgspec.json.decode(request.body, type=dict[str, Any])
        return content
    form: QueryDict = request.POST
    return {name: str(form[name]) for name in form}


def _json(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)
