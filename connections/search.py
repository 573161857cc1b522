"""Finds a bank among some tens of thousands, however it is typed: the same answers on both databases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

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
# So many of the nearest are weighed. A name must resemble what was typed this much to be shown, and not much less than
# the likest one does.
CANDIDATES = 60
LEAST_LIKENESS = 0.5
BESIDE_THE_LIKEST = 0.8
# How well a bank fits whose name, or BIC, is just what was typed.
EXACT = 0


@dataclass(frozen=True)
class Bank:
    """One bank and the ways to it: a row for each provider that has it, the best one first."""

    ways: tuple[Institution, ...]
    # It resembles what was typed, and does not hold it.
    is_alike: bool = False

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
    keys = list(dict.fromkeys(key for _tier, key in sorted(found, key=lambda each: each[0])))
    alike: list[str] = []
    is_meant = any(tier == EXACT for tier, _key in found) or _names_a_country(wanted.readings, keys)
    if len(keys) < FEW and wanted.likeness and not is_meant:
        alike = [key for key in _similar(wanted.likeness, country) if key not in keys]
    return with_ways([*keys, *alike][:limit], alike=frozenset(alike))


def search_here_first(text: str, country: str) -> tuple[list[Bank], bool]:
    """The banks of a country that fit, or those of all countries when none there holds what was typed and another does.

    The second is true when they come from elsewhere. Costs eight queries at most.
    """
    here = search(text, country)
    if not country or any(not bank.is_alike for bank in here):
        return here, False
    anywhere = search(text)
    if here and all(bank.is_alike for bank in anywhere):
        return here, False
    return anywhere, bool(anywhere)


def with_ways(keys: Sequence[str], alike: frozenset[str] = frozenset()) -> list[Bank]:
    """The banks with these keys, in this order, with every provider's row. Costs one query."""
    rows: defaultdict[str, list[Institution]] = defaultdict(list)
    for row in Institution.objects.offered().filter(bank__in=keys):
        rows[row.bank].append(row)
    return [Bank(best_first(rows[key]), is_alike=key in alike) for key in keys if rows[key]]


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
    """How well a row fits, the less the better."""
    if not reading.words:
        return Value(4)
    phrase = reading.phrase
    every_word_begins = Q()
    for word in reading.words:
        every_word_begins &= Q(folded__startswith=word) | Q(folded__contains=f" {word}")
    return Case(
        When(Exact(Substr("bank", NAME_BEGINS), phrase), then=Value(EXACT)),
        When(Q(bic=phrase.upper()) & ~Q(bic=""), then=Value(EXACT)),
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
    typed = _grams(text)
    near = {
        key: len(typed & _grams(key[NAME_BEGINS - 1 :])) / len(typed)
        for key in index().nearest(text, country=country, limit=CANDIDATES)
    }
    looked_at = sorted(near, key=lambda key: -near[key])[:LIMIT]
    compared = _Words()
    likeness = {key: compared.likeness(text.split(), key[NAME_BEGINS - 1 :].split()) for key in looked_at}
    least = max(LEAST_LIKENESS, BESIDE_THE_LIKEST * max(likeness.values(), default=0))
    alike = [key for key in looked_at if likeness[key] >= least]
    # A sort keeps the order of equals: more letters in common, and then the shorter name.
    return sorted(alike, key=lambda key: (-likeness[key], -near[key], len(key)))


def _grams(text: str) -> frozenset[str]:
    """Runs of three letters, word by word, the beginnings and ends of words among them."""
    return frozenset(
        padded[at : at + 3] for word in text.split() for padded in [f"  {word} "] for at in range(len(padded) - 2)
    )


class _Words:
    """Compares words with each other, each pair once: the names of banks share most of theirs."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], float] = {}

    def likeness(self, typed: Sequence[str], name: Sequence[str]) -> float:
        """From 0 to 1: how well each typed word is found among the name's, long words counting more."""
        found = sum(len(word) * max((self._ratio(word, other) for other in name), default=0) for word in typed)
        return found / sum(len(word) for word in typed)

    def _ratio(self, one: str, other: str) -> float:
        if (one, other) not in self._known:
            self._known[one, other] = SequenceMatcher(None, one, other, autojunk=False).ratio()
        return self._known[one, other]
