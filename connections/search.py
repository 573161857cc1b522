"""Finds a bank among some tens of thousands, however it is typed: the same answers on both databases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Min, Q, QuerySet, Value, When
from django.db.models.functions import Length, Substr
from django.db.models.lookups import Exact

from connections.choosing import best_first
from connections.models import Institution
from connections.models.institution import NAME_BEGINS
from connections.search_index import index
from connections.search_words import Reading, understand

LIMIT = 30
# With fewer exact answers than these, similar names follow them.
FEW = 5
# So many of the nearest are looked at closely. A name must resemble what was typed this much to be shown, and not much
# less than the likest one does.
CANDIDATES = 100
LEAST_LIKENESS = 0.25
BESIDE_THE_LIKEST = 0.6


@dataclass(frozen=True)
class Bank:
    """One bank and the ways to it: a row for each provider that has it, the best one first."""

    ways: tuple[Institution, ...]

    @property
    def best(self) -> Institution:
        return self.ways[0]

    @property
    def bic(self) -> str:
        """The one that some provider tells."""
        return next((way.bic for way in self.ways if way.bic), "")

    @property
    def providers(self) -> list[str]:
        """Each provider once."""
        return list(dict.fromkeys(way.provider for way in self.ways))


def search(text: str, country: str = "", *, limit: int = LIMIT) -> list[Bank]:
    """The banks that fit best, best first; in ``country`` (two letters) only, when given. No text, no banks.

    Exact names come before those that begin so, then those in which a word begins so, then those that hold it
    anywhere, then similar ones. Costs four queries at most, however many banks there are.
    """
    wanted = understand(text)
    found = [(tier, key) for reading in wanted.readings for tier, key in _holding(reading, country, limit=limit)]
    # A sort keeps the order of equals: what is likelier to be meant comes first.
    keys = [key for _tier, key in sorted(found, key=lambda each: each[0])]
    if len(keys) < FEW and wanted.likeness and not _names_a_country(wanted.readings, keys):
        keys += _similar(wanted.likeness, country)
    return with_ways(list(dict.fromkeys(keys))[:limit])


def with_ways(keys: Sequence[str]) -> list[Bank]:
    """The banks with these keys, in this order, with every provider's row. Costs one query."""
    rows: defaultdict[str, list[Institution]] = defaultdict(list)
    for row in Institution.objects.offered().filter(bank__in=keys):
        rows[row.bank].append(row)
    return [Bank(best_first(rows[key])) for key in keys if rows[key]]


def _names_a_country(readings: Sequence[Reading], keys: Sequence[str]) -> bool:
    """A bank and its country were typed, and there it is: names that merely resemble both words are not meant."""
    return bool(keys) and any(reading.countries for reading in readings)


def _holding(reading: Reading, country: str, *, limit: int) -> QuerySet[Institution, tuple[int, str]]:
    """How well they fit and the keys of banks that hold every word, the best first."""
    rows = Institution.objects.offered()
    if country:
        rows = rows.in_countries([country])
    if reading.countries:
        rows = rows.in_countries(reading.countries)
    banks = index().holding(rows, reading.words).values("bank").annotate(tier=Min(_tier(reading)), size=_size())
    return banks.order_by("tier", "size", "bank").values_list("tier", "bank")[:limit]


def _tier(reading: Reading) -> Case | Value:
    """How well a row fits, 0 best."""
    if not reading.words:
        return Value(4)
    phrase = reading.phrase
    every_word_begins = Q()
    for word in reading.words:
        every_word_begins &= Q(folded__startswith=word) | Q(folded__contains=f" {word}")
    return Case(
        When(Exact(Substr("bank", NAME_BEGINS), phrase), then=Value(0)),
        When(Q(bic=phrase.upper()) & ~Q(bic=""), then=Value(0)),
        When(folded__startswith=phrase, then=Value(1)),
        When(folded__contains=f" {phrase}", then=Value(2)),
        When(every_word_begins, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )


def _size() -> Min:
    """The shorter of two names that fit is more of what was typed."""
    return Min(Length("bank"))


def _similar(text: str, country: str) -> list[str]:
    """Keys of banks whose names resemble the text, the likest first."""
    grams = _grams(text)
    likeness = {
        key: _likeness(grams, _grams(key[NAME_BEGINS - 1 :]))
        for key in index().nearest(text, country=country, limit=CANDIDATES)
    }
    least = max(LEAST_LIKENESS, BESIDE_THE_LIKEST * max(likeness.values(), default=0))
    alike = [key for key, value in likeness.items() if value >= least]
    return sorted(alike, key=lambda key: -likeness[key])


def _likeness(typed: frozenset[str], name: frozenset[str]) -> float:
    """Between 0 and 1: mostly how much of the typed is in the name, a little how much of the name was typed."""
    shared = len(typed & name)
    return 0.7 * shared / len(typed) + 0.3 * shared / len(typed | name)


def _grams(text: str) -> frozenset[str]:
    """Runs of three letters, word by word, the beginnings and ends of words among them."""
    return frozenset(
        padded[at : at + 3] for word in text.split() for padded in [f"  {word} "] for at in range(len(padded) - 2)
    )
