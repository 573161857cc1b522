"""The signature of a request, checked when there is one: a caller's mistake in it does not go unseen.

Ponto's own clients differ in small things; all of their ways are taken. https://documentation.ibanity.com/http-signature
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.http import HttpRequest

from sandbox.ponto.errors import PontoError

_PART = re.compile(r'(\w+)="?([^",]*)"?')
_SALT_BYTES = 32


def check(request: HttpRequest) -> None:
    """Raises 401 for a signature that is not good; a request without one is fine unless a public key is set."""
    header = request.headers.get("Signature", "")
    if not header and not settings.PONTO_SIGNATURE_PUBLIC_KEY:
        return
    parts = dict(_PART.findall(header))
    try:
        digest = _decoded(request.headers.get("Digest", "").removeprefix("SHA-512="))
        if digest != hashlib.sha512(request.body).digest():
            raise _refused("the digest is not that of the body")
        _verify(_signing_string(request, parts), _decoded(parts["signature"]))
    except (KeyError, binascii.Error, InvalidSignature) as error:
        raise _refused(f"the signature is not good ({type(error).__name__})") from None


def _verify(text: str, signature: bytes) -> None:
    if not settings.PONTO_SIGNATURE_PUBLIC_KEY:
        return
    key = load_pem_public_key(settings.PONTO_SIGNATURE_PUBLIC_KEY.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise _refused("the key is not an RSA key")
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_SALT_BYTES)
    key.verify(signature, text.encode(), pss, hashes.SHA256())


def _signing_string(request: HttpRequest, parts: dict[str, str]) -> str:
    """One line for each name that the signature says it covers."""
    special = {
        "(request-target)": f"{str(request.method).lower()} {request.get_full_path()}",
        "(created)": parts["created"],
    }
    names = parts["headers"].split()
    return "\n".join(f"{name}: {special.get(name) or request.headers.get(name, '')}" for name in names)


def _decoded(text: str) -> bytes:
    """Base64 of either alphabet: Ponto's Ruby client writes the one for addresses."""
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


def _refused(why: str) -> PontoError:
    return PontoError(401, "invalidSignature", detail=why)
