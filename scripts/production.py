"""A production environment as an operator would write it, with secrets of its own: for checks and tests."""

from __future__ import annotations

import secrets


def example() -> dict[str, str]:
    """Every variable that ``docker-compose.yml`` asks an operator for, filled in with sane values."""
    return {
        "BANKSYNC_ENV": "production",
        "BASE_URL": "https://books.example.com",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SEALING_KEYS": secrets.token_urlsafe(48),
        "SUBSCRIPTION_CODE": f"SUB-{secrets.token_hex(8)}",
        "DATABASE_URL": "postgres://banksync:secret@postgres:5432/banksync",
        "REDIS_URL": "redis://redis:6379/0",
        "PROXY_URL": "https://proxy.example.com",
        "PROXY_BASE_URL": "https://proxy.example.com",
        "PROXY_ALLOWED_HOSTS": "proxy.example.com,proxy,127.0.0.1",
        "PROXY_BEHIND_TLS": "1",
        "PROXY_SSL_REDIRECT": "1",
        "PROXY_SECRET_KEY": secrets.token_urlsafe(64),
        "PROXY_SEALING_KEYS": secrets.token_urlsafe(48),
        "PROXY_DATABASE_URL": "postgres://banksync:secret@postgres:5432/proxy",
        "PLAID_URL": "https://production.plaid.com",
        "PLAID_CLIENT_ID": secrets.token_hex(12),
        "PLAID_SECRET": secrets.token_hex(16),
    }
