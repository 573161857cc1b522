"""The signature that Ponto can ask for: over the request line, the host, a digest of the body and the time.

It is the twelfth draft of "Signing HTTP Messages", which came before RFC 9421 and reads otherwise.
https://documentation.ibanity.com/http-signature
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_SALT_BYTES = 32
_COVERED = "(request-target) host digest (created)"


class InvalidKey(ValueError):
    """A file that does not hold an RSA private key."""


def signer(key_id: str, key_file: str, *, host: str) -> Callable[[str, str, bytes], Mapping[str, str]]:
    """What signs each request with the private key in ``key_file`` (PEM). ``key_id`` is the certificate's id.

    ``host`` is Ponto's own, also where another machine stands between. Raises ``InvalidKey``.
    """
    key = _read(key_file)

    def sign(method: str, url: str, body: bytes) -> Mapping[str, str]:
        created = int(time.time())
        signature = key.sign(
            signing_string(method, url, body, host=host, created=created).encode(),
            padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_SALT_BYTES),
            hashes.SHA256(),
        )
        parts = {
            "keyId": key_id,
            "created": str(created),
            "algorithm": "hs2019",
            "headers": _COVERED,
            "signature": base64.b64encode(signature).decode(),
        }
        return {"Digest": digest(body), "Signature": ",".join(f'{name}="{value}"' for name, value in parts.items())}

    return sign


def digest(body: bytes) -> str:
    """The Digest header of a body."""
    return "SHA-512=" + base64.b64encode(hashlib.sha512(body).digest()).decode()


def signing_string(method: str, url: str, body: bytes, *, host: str, created: int) -> str:
    """The very text that is signed: one line for each part."""
    address = urlsplit(url)
    target = address.path + (f"?{address.query}" if address.query else "")
    lines = {
        "(request-target)": f"{method.lower()} {target}",
        "host": host,
        "digest": digest(body),
        "(created)": str(created),
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items())


def _read(key_file: str) -> rsa.RSAPrivateKey:
    try:
        key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        raise InvalidKey("Ponto's signature key cannot be read: it is a PEM file without a password.") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidKey("Ponto's signature key is not an RSA key.")
    return key
