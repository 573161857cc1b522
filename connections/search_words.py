"""Understands what somebody types to find their bank: a name, a country beside it, a BIC, a whole account number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from connections.models.institution import fold

LONGEST = 100
MOST_WORDS = 8
# Languages in which the name of a country is understood, beside its two letters.
LANGUAGES = ("en", "nl", "zh", "ko", "de", "fr", "es", "it", "pt", "pl", "da")
ALSO = {"uk": "GB", "usa": "US", "america": "US", "england": "GB", "holland": "NL", "czech republic": "CZ"}
# So many letters of a country's name are enough while it is being typed.
COUNTRY_LETTERS = 4
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")
_LONG_BIC = re.compile(r"[a-z]{6}[a-z0-9]{5}")
_SHORT_BIC = 8


@dataclass(frozen=True)
class Reading:
    """One way to understand it: words that a bank's name or BIC must hold, and the countries it must work in.

    No words mean every bank there, no countries mean anywhere.
    """

    words: tuple[str, ...]
    countries: frozenset[str] = frozenset()

    @property
    def phrase(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True)
class Wanted:
    """What was typed: the ways to understand it, the likeliest first, and the text that a name may resemble."""

    readings: tuple[Reading, ...]
    likeness: str


def understand(text: str) -> Wanted:
    """What somebody looks for. Empty text is nothing: no readings."""
    iban = _iban(text)
    if iban is not None:
        return _bank_of(iban)
    words = _words(text)
    readings = [Reading(words)] if words else []
    shortened = tuple(word[:_SHORT_BIC] if _LONG_BIC.fullmatch(word) else word for word in words)
    if shortened != words:
        # A branch's BIC: the directory may have the one of the whole bank.
        readings.append(Reading(shortened))
    readings += _with_country(words)
    return Wanted(tuple(readings), " ".join(words))


def shown(text: str) -> str:
    """The text as it may stand in an address, which servers write down: an account number as its bank's BIC or name."""
    iban = _iban(text)
    if iban is None:
        return text.strip()[:LONGEST]
    return str(iban.bic or iban.bank_name or _name_of(iban.country_code))


def _iban(text: str) -> IBAN | None:
    """An account number, also a mistyped one: the bank's part of it may be right."""
    number = "".join(text.split()).upper()
    if not _IBAN.fullmatch(number):
        return None
    try:
        iban = IBAN(number, allow_invalid=True)
        _ = iban.bic
    except SchwiftyException:
        return None
    return iban if _name_of(iban.country_code) else None


def _bank_of(iban: IBAN) -> Wanted:
    """By its BIC, else by its name in the registry, else every bank of its country."""
    here = frozenset({iban.country_code})
    name = _words(iban.bank_name or "")
    readings = [Reading((str(iban.bic).lower()[:_SHORT_BIC],), here)] if iban.bic else []
    if name:
        readings.append(Reading(name, here))
    return Wanted(tuple(readings) or (Reading((), here),), " ".join(name))


def _words(text: str) -> tuple[str, ...]:
    # No database takes a NUL, which a keyboard does not write and a made-up address may hold.
    return tuple(dict.fromkeys(fold(text[:LONGEST].replace("\0", " ")).split()))[:MOST_WORDS]


def _with_country(words: tuple[str, ...]) -> list[Reading]:
    """Readings in which the last words, or the first ones, name a country."""
    found = []
    for size in range(len(words), 0, -1):
        for named, rest in ((words[-size:], words[:-size]), (words[:size], words[size:])):
            codes = _countries(" ".join(named), is_alone=not rest)
            if codes and Reading(rest, codes) not in found:
                found.append(Reading(rest, codes))
    return found[:1]


def _countries(text: str, *, is_alone: bool) -> frozenset[str]:
    """The countries a text names or begins to name. Two letters alone are the beginning of a bank's name."""
    names = country_names()
    if text in names:
        return frozenset() if is_alone and len(text) == 2 else frozenset({names[text]})
    if len(text) < COUNTRY_LETTERS:
        return frozenset()
    return frozenset(code for name, code in names.items() if name.startswith(text))


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Folded names and codes of all countries, and the code each stands for."""
    names = dict(ALSO)
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(code.lower(), code)
                names.setdefault(fold(name), code)
    return names


def _name_of(code: str) -> str:
    return str(Locale("en").territories.get(code, ""))
