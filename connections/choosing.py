"""Which way to a bank is the best one, where several providers have it, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.models import Institution

# A permission without an end and readings without a limit are taken for so many.
WITHOUT_LIMIT = 3650


@dataclass(frozen=True)
class Merit:
    """What can speak for one way, the more the better, and the sentence that says so."""

    of: Callable[[Institution], int]
    why: str | Promise


# In the order in which they count.
MERITS = (
    Merit(lambda way: way.is_available, _("It works at the moment.")),
    Merit(lambda way: not way.is_beta, _("It has been in use for longer.")),
    Merit(lambda way: way.is_unattended, _("It reads the bank without you.")),
    # Who says nothing promises nothing.
    Merit(lambda way: way.history_days or 0, _("It promises the longest history.")),
    Merit(lambda way: way.consent_days or WITHOUT_LIMIT, _("Its permission lasts longest.")),
    Merit(lambda way: way.refreshes_per_day or WITHOUT_LIMIT, _("It may read the bank most often.")),
)
SAME = _("They give the same.")


def best_first(ways: Iterable[Institution]) -> tuple[Institution, ...]:
    """The ways to one bank, the best one first; equal ones by provider."""
    return tuple(sorted(ways, key=lambda way: (*(-merit.of(way) for merit in MERITS), way.provider, way.pk)))


def why_best(ways: Sequence[Institution]) -> str:
    """One sentence on what the first of the ways has before the second; "" where there is only one."""
    if len(ways) < 2:
        return ""
    best, second = ways[0], ways[1]
    return str(next((merit.why for merit in MERITS if merit.of(best) > merit.of(second)), SAME))
