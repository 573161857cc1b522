"""Money out of a provider's answer: exact or refused at its place, in a currency that exists."""

from __future__ import annotations

import re
from decimal import Context, Decimal

from babel.numbers import list_currencies

from foundation.money import LARGEST, PLACES, from_units, to_units
from providers.decoding import not_understood

CURRENCIES = frozenset(list_currencies())
_SHAPE = re.compile("[A-Z]{3}")
_QUANTUM = Decimal(1).scaleb(-PLACES)
_CENT = Decimal("0.01")
_NOTHING = Decimal("0.00")
# As many digits as the largest amount has with two decimals: what has more is looked at more closely.
_CENTS = Context(prec=16)


def plain(amount: Decimal) -> Decimal | None:
    """The amount with two decimals if that is all it needs, as nearly every one does; else ``None``, and for nothing.

    A quick look before ``exact``, which need not be told the place.
    """
    try:
        rounded = amount.quantize(_CENT, None, _CENTS)
    except ArithmeticError:
        return None
    return rounded if rounded and rounded == amount else None


def exact(amount: Decimal, *, sender: str, at: str) -> Decimal:
    """The amount as it can be kept, never rounded, with two decimals at least; nothing is never minus nothing.

    Providers' numbers can carry more decimals than money has (``12.50000``, ``1e2``): those that say nothing go.
    ``sender`` and ``at`` are who sent it and its path, for the error. Raises ``InvalidResponse``.
    """
    if not amount.is_finite() or amount.copy_abs() > LARGEST:
        raise not_understood(sender, at=at, why="the amount is outside of what can be kept")
    rounded = amount.quantize(_CENT)
    if rounded == amount:
        return rounded or _NOTHING
    fine = amount.quantize(_QUANTUM)
    if fine != amount:
        raise not_understood(sender, at=at, why=f"the amount has more than {PLACES} decimals")
    return from_units(to_units(fine))


def currency(code: str | None, *, sender: str, at: str) -> str:
    """A currency code that ISO 4217 knows. Raises ``InvalidResponse``, which shows no more than three capitals."""
    if code in CURRENCIES:
        return code
    if not code:
        raise not_understood(sender, at=at, why="it names no currency")
    shown = f"unknown currency {code}" if _SHAPE.fullmatch(code) else "the currency is not one"
    raise not_understood(sender, at=at, why=shown)
