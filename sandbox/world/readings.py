"""How often a bank lets itself be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sandbox.world.scenarios import Scenario

_DAY = dt.timedelta(days=1)


def next_at(scenario: Scenario, earlier: Sequence[dt.datetime]) -> dt.datetime | None:
    """When the bank may be read again after the ``earlier`` readings, oldest first; ``None``: at any time.

    The moment may lie in the past.
    """
    moments = []
    if earlier and scenario.refresh_pause:
        moments.append(earlier[-1] + dt.timedelta(seconds=scenario.refresh_pause))
    most = scenario.refreshes_per_day
    if most is not None and len(earlier) >= most:
        moments.append(earlier[-most] + _DAY)
    return max(moments, default=None)
