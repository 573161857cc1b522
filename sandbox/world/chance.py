"""Chance that repeats: generators and ids that depend on nothing but their names."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_seed = ["banksync"]


def plant(seed: str) -> None:
    """Chooses another world: other amounts, names and numbers, the same banks. Before anything of it is computed."""
    _seed[0] = seed


def source(*names: object) -> random.Random:
    """A generator of its own for whatever ``names`` say, the same one at every run."""
    return random.Random("/".join([_seed[0], *map(str, names)]))  # noqa: S311 - it has to repeat


def digest(text: str, *, size: int) -> str:
    """``2 * size`` hexadecimal letters that stand for ``text``, whatever the seed."""
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def pick(rng: random.Random, items: Sequence[T]) -> T:
    """One of ``items``; a third of the time of ``rng.choice``, which matters when there are thousands a second."""
    return items[int(rng.random() * len(items))]


def about(rng: random.Random, mean: float) -> int:
    """A count that is ``mean`` on the average: its whole part, and one more as often as its fraction says."""
    return int(mean + rng.random())


def skewed(rng: random.Random, *, low: int, high: int) -> int:
    """A whole number between ``low`` and ``high``, most often a small one, as invoices are."""
    return low + int((high - low) * rng.random() ** 2)
