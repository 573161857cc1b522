"""Exact money in any database: an amount is kept as a whole number of ten-thousandths.

SQLite keeps a decimal column as a binary fraction and adds it up as one; a whole number is exact in both databases,
in a row and in a sum. Four decimals hold every ISO 4217 currency (the Chilean UF has four).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable

SCALE = 10_000
PLACES = 4
# What a 64-bit column can hold, with room to add up a great many of them.
LARGEST = Decimal("99999999999999.9999")
_QUANTUM = Decimal(1).scaleb(-PLACES)


def to_units(amount: Decimal) -> int:
    """Decimal amount -> ten-thousandths. Raises ``ValueError`` for one that would not come back the same."""
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise ValueError(f"amount {amount} is outside of what can be kept")
    units = amount.scaleb(PLACES)
    whole = int(units)
    if whole != units:
        raise ValueError(f"amount {amount} has more than {PLACES} decimals")
    return whole


def from_units(units: int | Decimal) -> Decimal:
    """Ten-thousandths -> Decimal, with two decimals at least (``18204.55``) and more only where they say something.

    The quotient is exact: a sum has far fewer digits than a decimal keeps.
    """
    amount = Decimal(int(units)).scaleb(-PLACES)
    return amount.quantize(Decimal("0.01")) if int(units) % 100 == 0 else amount.normalize()


# What may be assigned to a field and what is read from it, which differs between one that may be null and one that may
# not. The stubs know fields as generic in these two; Django's own classes are not.
_Set = TypeVar("_Set", contravariant=True)
_Get = TypeVar("_Get", covariant=True)
if TYPE_CHECKING:

    class _Units(models.BigIntegerField[_Set, _Get]):
        _pyi_private_set_type: Decimal | Combinable  # type: ignore[assignment]  # not what the base takes
        _pyi_private_get_type: Decimal  # type: ignore[assignment]

else:

    class _Units(models.BigIntegerField, Generic[_Set, _Get]):
        """Whole numbers, as the database sees them."""


class MoneyField(_Units[_Set, _Get]):
    """A Decimal amount in Python, a whole number of ten-thousandths in the database. Its currency stands beside it."""

    description = "Exact amount of money"

    def from_db_value(self, value: int | Decimal | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_units(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError(f"“{value}” is not an amount.") from error

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if not isinstance(value, (Decimal, int)):
            raise TypeError(f"money is Decimal, not {type(value).__name__}")
        return to_units(Decimal(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms  # forms pull in the whole template machinery; only an edit page needs it

        return forms.DecimalField(decimal_places=PLACES, max_digits=18, **kwargs)

    @property
    def validators(self) -> list[Any]:
        # BigIntegerField's range is in ten-thousandths; to_units checks the range instead.
        return []
