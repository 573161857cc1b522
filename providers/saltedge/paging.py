"""Where a reader of an account's transactions is: a list that only grows at its end, and the rows flagged in it.

Salt Edge's pages begin with the id they are asked from, and its list has no cursor of what changed. So a reader keeps
the first id of the last days it read and begins there again: rows that it was told of and that did not change since
are left out. Flagged rows leave the list of posted ones without a word; they are listed by themselves, and told again
as soon as that list is another one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Literal, Self

import msgspec
from msgspec import Struct

from providers.errors import BadRequest
from providers.saltedge.parse import Rows, order
from providers.types import TransactionData

# Banks correct what they booked within days.
OVERLAP = dt.timedelta(days=14)


class Position(Struct, frozen=True, omit_defaults=True):
    """``start`` is the id to ask from next, ``""`` for the first.

    ``told`` and ``changed`` say what earlier passes through the list came to: the highest id they told, and the
    latest change they saw. ``passed``, ``seen`` and ``window`` gather the same of the pass that is going on, and where
    the next one begins. ``flagged`` is the fingerprint of the flagged rows as they were told last.
    """

    stage: Literal["posted", "flagged"] = "posted"
    start: str = ""
    told: str = ""
    changed: dt.datetime | None = None
    passed: str = ""
    seen: dt.datetime | None = None
    window: str = ""
    flagged: str = ""

    @property
    def is_beginning(self) -> bool:
        """Whether nothing was read yet."""
        return not (self.start or self.told or self.passed)

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def load(cls, text: str) -> Self:
        """``""`` is the beginning. Raises ``BadRequest`` for what is no position."""
        if not text:
            return cls()
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError:
            raise BadRequest("This is not a position of Salt Edge's transactions.") from None


def news(position: Position, rows: Rows) -> tuple[TransactionData, ...]:
    """The rows of a page that the reader was not told of, or that changed since."""
    return tuple(
        row
        for row, updated in zip(rows.transactions, rows.updated, strict=True)
        if order(row.id) > order(position.told)
        or (updated is not None and position.changed is not None and updated > position.changed)
    )


def after(position: Position, rows: Rows, *, today: dt.date) -> Position:
    """The position once this page of posted rows was read; it asks on from the page's ``next_id``."""
    ids = [row.id for row in rows.transactions]
    moments = [moment for moment in (position.seen, *rows.updated) if moment is not None]
    recent = [row.id for row in rows.transactions if row.booking_date >= today - OVERLAP]
    return msgspec.structs.replace(
        position,
        start=rows.next_id,
        passed=max([position.passed, *ids], key=order),
        seen=max(moments, default=None),
        window=position.window or (recent[0] if recent else ""),
    )


def flagging(position: Position, *, fingerprint: str) -> Position:
    """From the posted rows on to the flagged ones."""
    return msgspec.structs.replace(position, stage="flagged", start="", flagged=fingerprint)


def ended(position: Position) -> Position:
    """Where the next pass begins: at the first row of the last days, or at the last row there was."""
    told = max(position.told, position.passed, key=order)
    changed = max([moment for moment in (position.changed, position.seen) if moment is not None], default=None)
    return Position(start=position.window or told, told=told, changed=changed, flagged=position.flagged)


def fingerprint(ids: Iterable[str]) -> str:
    """What stands for a set of rows; ``""`` for none."""
    ordered = sorted(ids, key=order)
    return hashlib.sha256("|".join(ordered).encode()).hexdigest()[:32] if ordered else ""
