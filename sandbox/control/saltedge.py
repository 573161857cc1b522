"""The control route that has Salt Edge send a callback, good or spoiled."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sandbox.conditions import clock
from sandbox.saltedge import callbacks
from sandbox.saltedge.models import Connection


class SaltEdgeNotice(msgspec.Struct, forbid_unknown_fields=True):
    """A callback that Salt Edge is to send: of any ``kind``, with any ``fields``; spoiled by ``variant``.

    It is about the connection that was made last at an institution (its id in the world).
    """

    kind: str
    institution: str
    variant: callbacks.Variant = ""
    fields: dict[str, Any] = {}


@require_POST
def notice_view(request: HttpRequest) -> HttpResponse:
    """``POST`` has Salt Edge send a callback, as ``SaltEdgeNotice`` says it."""
    try:
        asked = msgspec.json.decode(request.body, type=SaltEdgeNotice)
    except msgspec.MsgspecError as error:
        return _json({"error": str(error)}, status=400)
    row = Connection.objects.select_related("customer").filter(institution_id=asked.institution).order_by("pk").last()
    if row is not None:
        callbacks.tell(row, asked.kind, fields=asked.fields, at=clock.now(), custom={}, variant=asked.variant)
    return _json({"sent": row is not None})


def _json(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)
