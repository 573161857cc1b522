"""One line per event on standard error, as text or as JSON, with what it is about and never with a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

LAYOUTS = ("text", "json")
# What a line can be about, in the order in which it is written.
FACTS = ("reference", "client", "company", "connection", "run", "task")
MASK = "███"

_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)


def config(site: str, *, level: str, layout: str) -> dict[str, Any]:
    """Django's LOGGING for one site: one line per event on standard error, with the time in UTC.

    ``layout`` is one of ``LAYOUTS``. ``make run`` collects these streams under ``var/log/``; a container's engine
    collects them in production. Raises ``ImproperlyConfigured`` for a layout that there is not.
    """
    if layout not in LAYOUTS:
        raise ImproperlyConfigured(f"The layout of the log is “{layout}”: set LOG_FORMAT to text or json.")
    formatter = "foundation.logs.JsonFormatter" if layout == "json" else "foundation.logs.TextFormatter"
    to_stderr = {"handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "program": _program(site)}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {**to_stderr, "level": "WARNING"},
            # What the server itself says goes the same way.
            "gunicorn.error": {**to_stderr, "level": "INFO"},
            "django.db.backends": {"level": "WARNING"},
            "schwifty": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Every line that is written inside says what it is about: some of ``FACTS``, by name. They nest."""
    token = _about.set({**(_about.get() or {}), **_texts(facts)})
    try:
        yield
    finally:
        _about.reset(token)


def add(**facts: object) -> None:
    """More about what is being done, once it is known; it holds until the innermost ``about`` ends."""
    here = _about.get()
    if here is not None:
        here.update(_texts(facts))


def begin(**facts: object) -> None:
    """Like ``about``, for what begins in one place of the code and ends in another with ``end``, in the same thread."""
    _about.set(_texts(facts))


def end() -> None:
    """What was begun is over."""
    _about.set(None)


def masked(text: str) -> str:
    """The text without what must not be in a log: tokens, keys, passwords, sealed values, account numbers."""
    for secret in _known_secrets():
        text = text.replace(secret, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class TextFormatter(logging.Formatter):
    """For people. Stamped in UTC, so that the logs of three programs on two machines can be laid side by side."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, program: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {program} %(name)s: %(message)s%(about)s")

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        if facts.get("reference", "") in record.getMessage():
            facts.pop("reference", None)
        said = [f"{name}={value}" for name, value in facts.items()]
        record.about = f" [{' '.join(said)}]" if said else ""
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """For machines: one object a line."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, program: str) -> None:
        super().__init__()
        self._program = program

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "program": self._program,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **{name: masked(value) for name, value in _facts(record).items()},
        }
        if record.exc_info:
            line["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _program(site: str) -> str:
    """The site, or which of its other programs this process is: the worker and the beat have the site's settings."""
    if "celery" in sys.argv[0]:
        return next((name for name in ("worker", "beat") if name in sys.argv), site)
    return site


def _facts(record: logging.LogRecord) -> dict[str, str]:
    """What the line is about: what was said with it (``extra``), else what is being done at the time."""
    here = _about.get() or {}
    said = {name: getattr(record, name, None) or here.get(name) for name in FACTS}
    return {name: str(value) for name, value in said.items() if value}


def _texts(facts: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items() if value}


def _known_secrets() -> list[str]:
    """The secrets that this site was given, whatever they look like. Short ones are words of everyday life."""
    if not settings.configured:
        return []
    single = ("SECRET_KEY", "METRICS_TOKEN", "SUBSCRIPTION_CODE")
    named = [*(str(getattr(settings, name, "")) for name in single), *getattr(settings, "SEALING_KEYS", [])]
    named.append(getattr(settings, "MESSAGE_GATEWAY", {}).get("token", ""))
    for contract in getattr(settings, "PROVIDERS", {}).values():
        named += [str(value) for name, value in contract.items() if "secret" in name or name == "private_key"]
    return [secret for secret in named if len(secret) >= 8 and secret != "sandbox-secret"]  # noqa: S105


_PATTERNS = tuple(
    (re.compile(pattern, re.DOTALL), replacement)
    for pattern, replacement in (
        (r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)", MASK),
        (r"\bv1\.[0-9a-f]{8}\.[\w=-]+", MASK),
        (r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}", rf"\1 {MASK}"),
        (r"\b(?:access|public|link|processor)-(?:sandbox|development|production)-[\w-]+", MASK),
        (r"(://[^\s:/@]*:)[^\s@/]+@", rf"\1{MASK}@"),
        # What Django quotes of a one-time link that was answered with an error, and that may be as good as before.
        (r"(/(?:renew|invitations|return|password/[\w-]+)/)[\w:.=-]{20,}", rf"\1{MASK}"),
        (
            (
                r"(?i)\b(password|passwd|secret|client_secret|(?:access_|refresh_|public_|link_)?token|authorization|"
                r"api_?key|private_key)([\"']?\s*[=:]\s*[\"']?)(?!███)[^\s\"'&,;}]+"
            ),
            rf"\1\2{MASK}",
        ),
        # An IBAN, of which the end is enough to know it by.
        (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,6} ?([A-Z0-9]{2,4})\b", rf"{MASK}\1"),
    )
)
