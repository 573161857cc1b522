"""Sealed columns of whole tables, brought from older keys to the current one while everything goes on."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from foundation.sealing import SealBroken, current_key_id, key_id_of, needs_resealing, seal, unseal

log = logging.getLogger(__name__)

BATCH = 200


@dataclass
class Resealed:
    """What was done: how many rows, and the primary keys of those that do not open with any key there is."""

    done: int = 0
    broken: list[Any] = field(default_factory=list)


def reseal(rows: QuerySet[Any], columns: Sequence[str], *, row_of: Callable[[Any], str]) -> Resealed:
    """Seals these columns with the current key wherever another one was used; ``row_of`` names what for.

    Each row is read and written under its own lock in a transaction of its own, so that nothing that is written to it
    meanwhile is lost, and nobody waits for long. Killed anywhere and started again it goes on with what is left. A row
    that does not open is left as it is and named. Must not be called inside a transaction.
    """
    outcome = Resealed()
    for pk in _outdated(rows, columns):
        try:
            outcome.done += _reseal_row(rows, pk, columns=columns, row_of=row_of)
        except SealBroken as error:
            log.error("%s %s does not open: %s", rows.model._meta.verbose_name, pk, error)
            outcome.broken.append(pk)
    return outcome


def counted_by_key(rows: QuerySet[Any], columns: Sequence[str]) -> Counter[str]:
    """How many sealed values there are on each key, by the key's short name."""
    counts: Counter[str] = Counter()
    for values in rows.values_list(*columns).iterator(chunk_size=2000):
        counts.update(key_id_of(value) for value in values if value)
    return counts


def counts_in_words(counts: Counter[str]) -> list[str]:
    """What ``counted_by_key`` found, a line for each key, and one for what is left to do."""
    current = current_key_id()
    keys = [
        f"key {key}{' (the current one)' if key == current else ''}: {number} values"
        for key, number in sorted(counts.items())
    ]
    return [*keys, f"left on older keys: {counts.total() - counts[current]}"]


def _outdated(rows: QuerySet[Any], columns: Sequence[str]) -> Iterator[Any]:
    """The primary keys of rows with a value on another key, read in batches; each row comes once."""
    prefix = f"v1.{current_key_id()}."
    on_another = Q()
    for column in columns:
        on_another |= ~Q(**{column: ""}) & ~Q(**{f"{column}__startswith": prefix})
    waiting = rows.filter(on_another).order_by("pk").values_list("pk", flat=True)
    pks = list(waiting[:BATCH])
    while pks:
        yield from pks
        pks = list(waiting.filter(pk__gt=pks[-1])[:BATCH])


@transaction.atomic
def _reseal_row(rows: QuerySet[Any], pk: Any, *, columns: Sequence[str], row_of: Callable[[Any], str]) -> int:
    """Gives 1 if there was something to do, 0 if somebody else did it or the row is gone."""
    row: Model | None = rows.select_for_update().filter(pk=pk).first()
    if row is None:
        return 0
    name = row_of(row)
    values = {column: getattr(row, column) for column in columns}
    fresh = {
        column: seal(unseal(value, row=name), row=name)
        for column, value in values.items()
        if value and needs_resealing(value)
    }
    return rows.model._default_manager.filter(pk=pk).update(**fresh) if fresh else 0
