"""How long providers take to answer, and with what: counted by whoever asks, read by whoever watches."""

from __future__ import annotations

from prometheus_client import Histogram

_SECONDS = Histogram(
    "banksync_proxy_provider_seconds",
    "Seconds until a provider had answered one request, by how it ended.",
    ("provider", "outcome"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)


def note_answer(provider: str, status: int, *, seconds: float) -> None:
    """One answer of a provider, by the HTTP status it had."""
    outcome = "answered" if status < 400 else "refused" if status < 500 else "failed"
    _SECONDS.labels(provider, outcome).observe(seconds)


def note_silence(provider: str, *, seconds: float, is_timeout: bool) -> None:
    """A provider could not be reached, or did not answer in time."""
    _SECONDS.labels(provider, "timeout" if is_timeout else "unreachable").observe(seconds)
