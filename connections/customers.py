"""Banks that a directory lists apart by whom they are for: "First Bank" and "First Bank Business" are one bank."""

from __future__ import annotations

import re

from connections.choosing import best_first
from connections.models import Institution
from connections.models.institution import NAME_BEGINS

# How banks call their customers in their own names, folded as ``bank_key`` folds.
_WORDS = (
    *("business", "corporate", "commercial", "companies", "personal", "private", "retail", "individuals"),
    *("zakelijk", "particulier", "entreprises", "entreprise", "professionnels", "particuliers", "pro"),
    *("firmenkunden", "geschaftskunden", "privatkunden", "empresas", "particulares", "imprese", "privati"),
)
# What may stand around such a word at the end of a name.
_SHAPES = (" {}", " ({})", " - {}", " – {}", " for {}", ", {}", " {} banking", " {} customers")
_ENDINGS = tuple(shape.format(word) for word in _WORDS for shape in _SHAPES)
_ENDING = re.compile("(?:" + "|".join(re.escape(ending) for ending in sorted(_ENDINGS, key=len, reverse=True)) + ")$")


def banks_for_others(institution: Institution) -> list[Institution]:
    """The same bank for other customers, by name: of each the way of the same provider, else the best one.

    Costs one query: the names that it can have are few, and are asked for as they are.
    """
    plain = _ENDING.sub("", institution.bank)
    if len(plain) < NAME_BEGINS:
        return []
    keys = [plain, *(plain + ending for ending in _ENDINGS)]
    found = Institution.objects.offered().filter(bank__in=keys).exclude(bank=institution.bank)
    banks: dict[str, Institution] = {}
    for way in best_first(found):
        known = banks.setdefault(way.bank, way)
        if known.provider != institution.provider == way.provider:
            banks[way.bank] = way
    return sorted(banks.values(), key=lambda one: one.name)
