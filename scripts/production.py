"""A production environment as an operator would write it, with secrets of its own: for checks and tests."""

from __future__ import annotations

import functools
import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def example() -> dict[str, str]:
    """Every variable of an installation that has a contract with each provider, filled in with sane values."""
    return {
        "BANKSYNC_ENV": "production",
        "BASE_URL": "https://books.example.com",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SEALING_KEYS": secrets.token_urlsafe(48),
        "SUBSCRIPTION_CODE": f"SUB-{secrets.token_hex(8)}",
        "DATABASE_URL": "postgres://banksync:secret@postgres:5432/banksync",
        "REDIS_URL": "redis://redis:6379/0",
        "EMAIL_URL": "smtp+tls://banksync:secret@mail.example.com:587",
        "PROXY_URL": "https://proxy.example.com",
        "PROXY_BASE_URL": "https://proxy.example.com",
        "PROXY_ALLOWED_HOSTS": "proxy.example.com,proxy,127.0.0.1",
        "PROXY_BEHIND_TLS": "1",
        "PROXY_SSL_REDIRECT": "1",
        "PROXY_SECRET_KEY": secrets.token_urlsafe(64),
        "PROXY_SEALING_KEYS": secrets.token_urlsafe(48),
        "PROXY_DATABASE_URL": "postgres://banksync:secret@postgres:5432/proxy",
        "PROXY_MESSAGES": "gateway",
        "PROXY_GATEWAY_URL": "https://messages.example.com/send",
        "PROXY_GATEWAY_TOKEN": secrets.token_urlsafe(24),
        "PLAID_URL": "https://production.plaid.com",
        "PLAID_CLIENT_ID": secrets.token_hex(12),
        "PLAID_SECRET": secrets.token_hex(16),
        "SALTEDGE_URL": "https://www.saltedge.com/api/v6",
        "SALTEDGE_APP_ID": secrets.token_urlsafe(24),
        "SALTEDGE_SECRET": secrets.token_urlsafe(24),
        "SALTEDGE_PRIVATE_KEY": _rsa_key()[0],
        "SALTEDGE_CALLBACK_KEY": _rsa_key()[1],
        "PONTO_URL": "https://api.ibanity.com/ponto-connect",
        "PONTO_CLIENT_ID": secrets.token_hex(16),
        "PONTO_CLIENT_SECRET": secrets.token_hex(16),
        "PONTO_APPLICATION_ID": secrets.token_hex(16),
    }


@functools.cache
def _rsa_key() -> tuple[str, str]:
    """Both halves of a key as PEM in one line, as they stand in a ``.env`` file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode().replace("\n", "\\n"), public.decode().replace("\n", "\\n")
