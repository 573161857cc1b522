"""Small line charts as SVG paths, drawn on the server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from foundation.money import from_units, to_units

# The view box that the template gives the picture.
WIDTH, HEIGHT, MARGIN = 240, 48, 3
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Chart:
    """``path`` is one line from left to right, closed below the box of ``WIDTH`` by ``HEIGHT``; the rest says the same
    in amounts and days. Where a balance stood on several days, the earliest is named."""

    path: str
    first: Decimal
    last: Decimal
    lowest: Decimal
    lowest_day: dt.date
    highest: Decimal
    highest_day: dt.date
    first_day: dt.date


def balance_chart(
    balance: Decimal, moves: Mapping[dt.date, int], *, first_day: dt.date, today: dt.date
) -> Chart | None:
    """The balance at the end of each day from ``first_day`` to ``today``; None where nothing moved on these days.

    ``balance`` stands after all of ``moves``: what each day added, in ten-thousandths. Days after today may be among
    them.
    """
    if not any(day <= today for day in moves):
        return None
    days = [first_day + DAY * number for number in range((today - first_day).days + 1)]
    units = to_units(balance) - sum(moves.values())
    ends = [units := units + moves.get(day, 0) for day in days]
    low, high = min(ends), max(ends)
    return Chart(
        path=_path(ends, low=low, high=high),
        first=from_units(ends[0]),
        last=from_units(ends[-1]),
        lowest=from_units(low),
        lowest_day=days[ends.index(low)],
        highest=from_units(high),
        highest_day=days[ends.index(high)],
        first_day=first_day,
    )


def _path(ends: list[int], *, low: int, high: int) -> str:
    """The line's own ends lie outside of the box, where they are not seen."""
    heights = _heights(ends, low=low, high=high)
    last = len(heights) - 1
    points = [
        f"{WIDTH * index // last},{height}"
        for index, height in enumerate(heights)
        # Between two days of the same height nothing is to be said.
        if index in (0, last) or not heights[index - 1] == height == heights[index + 1]
    ]
    below = HEIGHT + 9
    return f"M-9,{below} V{heights[0]} L{' '.join(points)} H{WIDTH + 9} V{below}Z"


def _heights(ends: list[int], *, low: int, high: int) -> list[int]:
    """Distances from the top; balances that are all the same lie in the middle."""
    if low == high:
        return [HEIGHT // 2] * len(ends)
    room, spread = HEIGHT - 2 * MARGIN, high - low
    return [MARGIN + (high - units) * room // spread for units in ends]
