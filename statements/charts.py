"""Small line charts as SVG paths, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

# The view box that the template gives the picture.
WIDTH, HEIGHT, MARGIN = 240, 48, 3


@dataclass(frozen=True)
class Chart:
    """``line`` and ``area`` are path data in a box of ``WIDTH`` by ``HEIGHT``; ``first`` and ``last`` are amounts."""

    line: str
    area: str
    first: Decimal
    last: Decimal
    count: int


def balance_chart(amounts: Sequence[Decimal]) -> Chart | None:
    """Balances, oldest first, from left to right; None where there are not two to draw a line between."""
    if len(amounts) < 2:
        return None
    low, high = min(amounts), max(amounts)
    points = [
        f"{WIDTH * index // (len(amounts) - 1)},{_height(amount, low=low, high=high)}"
        for index, amount in enumerate(amounts)
    ]
    line = f"M{' L'.join(points)}"
    return Chart(line=line, area=f"{line} V{HEIGHT} H0 Z", first=amounts[0], last=amounts[-1], count=len(amounts))


def _height(amount: Decimal, *, low: Decimal, high: Decimal) -> int:
    """Distance from the top; balances that are all the same lie in the middle."""
    if low == high:
        return HEIGHT // 2
    return MARGIN + int((high - amount) * (HEIGHT - 2 * MARGIN) / (high - low))
