"""Visits to Plaid's pages as ``/link/token/get`` tells them."""

from __future__ import annotations

from typing import Any

from sandbox.plaid import items, links, render
from sandbox.plaid.models import LinkSession, LinkToken


def told(link: LinkToken, *, request_id: str) -> dict[str, Any]:
    """``LinkTokenGetResponse`` without its request id."""
    return {
        "created_at": render.moment(link.created_at),
        "expiration": render.moment(link.expires_at),
        "link_sessions": [_session(session, request_id=request_id) for session in link.sessions.all()],
        "link_token": link.token,
        "metadata": {
            **({"account_filters": link.account_filters} if link.account_filters else {}),
            "client_name": link.client_name,
            "country_codes": link.country_codes,
            "initial_products": link.products,
            "language": link.language,
            "redirect_uri": link.redirect_uri or None,
            "webhook": link.webhook or None,
        },
    }


def _session(session: LinkSession, *, request_id: str) -> dict[str, Any]:
    base: dict[str, Any] = {
        "events": _events(session, request_id=request_id),
        "finished_at": render.moment(session.finished_at) if session.finished_at else None,
        "link_session_id": session.session_id,
        "started_at": render.moment(session.started_at),
    }
    if session.finished_at is None:
        return base
    return base | (_success(session) if session.is_success else _exit(session, request_id=request_id))


def _success(session: LinkSession) -> dict[str, Any]:
    """The Item under ``results``, and once more under its deprecated twin."""
    token = session.public_token
    ticked = items.ticked(token.item, now=session.finished_at or session.started_at) if token else []
    chosen = _institution(session)
    seen = [
        {
            "class_type": None,
            "id": account["account_id"],
            "mask": account["mask"],
            "name": account["name"],
            "subtype": account["subtype"],
            "type": account["type"],
            "verification_status": None,
        }
        for account in (
            render.account(row, owner, at=session.finished_at or session.started_at) for row, owner in ticked
        )
    ]
    public_token = token.token if token else ""
    metadata = {"accounts": seen, "institution": chosen, "link_session_id": session.session_id, "transfer_status": None}
    return {
        "on_success": {"metadata": metadata, "public_token": public_token},
        "results": {
            "bank_income_results": [],
            "cra_item_add_results": [],
            "cra_update_results": [],
            "document_income_results": None,
            "item_add_results": [{"accounts": seen, "institution": chosen, "public_token": public_token}],
            "payroll_income_results": [],
        },
    }


def _exit(session: LinkSession, *, request_id: str) -> dict[str, Any]:
    left = {
        "error": session.exit_error,
        "metadata": {
            "institution": _institution(session),
            "link_session_id": session.session_id,
            "request_id": request_id,
            "status": "requires_credentials" if session.institution_id else "institution_not_found",
        },
    }
    return {"exit": left, "on_exit": left}


def _institution(session: LinkSession) -> dict[str, Any] | None:
    if not session.institution_id:
        return None
    return {"institution_id": items.PREFIX + session.institution_id, "name": links.bank_of(session).name}


def _events(session: LinkSession, *, request_id: str) -> list[dict[str, Any]]:
    """What Plaid's pages report of a visit: it was opened, and how it ended."""
    moments = [("OPEN", session.started_at)]
    if session.finished_at:
        moments.append(("HANDOFF" if session.is_success else "EXIT", session.finished_at))
    return [
        {
            "event_id": f"{session.session_id}-{name.lower()}",
            "event_metadata": {"request_id": request_id},
            "event_name": name,
            "timestamp": render.moment(moment),
        }
        for name, moment in moments
    ]
