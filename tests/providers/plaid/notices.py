"""Messages as Plaid sends them: a body, and a token beside it that says for which body and when."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

KEY_ID = "bfbd5111-8e33-4643-8ced-b2e642a72f3c"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


def notice(code: str = "SYNC_UPDATES_AVAILABLE", *, kind: str = "TRANSACTIONS", **fields: Any) -> bytes:
    """A body, indented as Plaid's are."""
    told = {"webhook_type": kind, "webhook_code": code, "item_id": "item-1", "environment": "sandbox", **fields}
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def proof(
    body: bytes,
    *,
    at: dt.datetime | None = None,
    key: ec.EllipticCurvePrivateKey = KEY,
    alg: str = "ES256",
    kid: str = KEY_ID,
    **claims: Any,
) -> dict[str, str]:
    """The header that goes with ``body``."""
    issued = int((at or dt.datetime.now(dt.UTC)).timestamp())
    said = {"iat": issued, "request_body_sha256": hashlib.sha256(body).hexdigest(), **claims}
    signed = ".".join(_text(msgspec.json.encode(part)) for part in ({"alg": alg, "kid": kid, "typ": "JWT"}, said))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return {"plaid-verification": f"{signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"}


def published(key: ec.EllipticCurvePrivateKey = KEY, *, expired_at: int | None = None) -> dict[str, Any]:
    """``/webhook_verification_key/get``."""
    numbers = key.public_key().public_numbers()
    x, y = (_text(each.to_bytes(32, "big")) for each in (numbers.x, numbers.y))
    shown = {"alg": "ES256", "crv": "P-256", "kid": KEY_ID, "kty": "EC", "use": "sig", "x": x, "y": y}
    return {"key": {**shown, "created_at": 1560466150, "expired_at": expired_at}}


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
