"""The directory of institutions: more than 26,000, each with name, country, BIC and website.

14,042 of them are the distinct banks of a public registry (47 countries, carried by the ``schwifty`` package);
they are completed with made-up but plausible ones for countries the registry lacks, most of them American, and with
the scenario banks. Websites are made up throughout and end in ``.example``, which belongs to nobody; BICs are made up
where the registry has none, and then have a 0 in their eighth place, which marks a test BIC in ISO 9362.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import msgspec
from schwifty import registry

from sandbox.world.chance import digest
from sandbox.world.madeup import bank_names
from sandbox.world.scenarios import ORDINARY, SCENARIOS, Scenario

_BIC_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Institution(msgspec.Struct, frozen=True, gc=False):
    """A bank. ``countries`` begins with its home; ``scenario`` says how it behaves; ``folded`` is for searching."""

    id: str
    name: str
    countries: tuple[str, ...]
    bic: str
    bank_code: str
    website: str
    scenario: Scenario
    folded: str

    @property
    def country(self) -> str:
        return self.countries[0]


@cache
def institutions() -> tuple[Institution, ...]:
    """Every bank there is: the scenario banks first, then all others by country and name."""
    named = [_scenario_bank(scenario) for scenario in SCENARIOS]
    others = [*_registered(), *_made_up()]
    return (*named, *sorted(others, key=lambda bank: (bank.country, bank.folded, bank.id)))


@cache
def _by_id() -> dict[str, Institution]:
    return {institution.id: institution for institution in institutions()}


def find(institution_id: str) -> Institution | None:
    """The institution with exactly this id (letters in the same case), or ``None``."""
    return _by_id().get(institution_id)


@lru_cache(maxsize=32)
def in_countries(countries: frozenset[str]) -> tuple[Institution, ...]:
    """The institutions that work in one of ``countries``, in the directory's order."""
    return tuple(bank for bank in institutions() if not countries.isdisjoint(bank.countries))


def search(query: str, *, countries: frozenset[str], limit: int) -> list[Institution]:
    """At most ``limit`` institutions whose name has every word of ``query``; those that begin with it come first."""
    folded = fold(query)
    words = folded.split()
    found = [bank for bank in in_countries(countries) if all(word in bank.folded for word in words)]
    found.sort(key=lambda bank: not bank.folded.startswith(folded))
    return found[:limit]


def fold(text: str) -> str:
    """``text`` without accents and case, so that “credito” finds “Crédito”."""
    if text.isascii():
        return text.lower().strip()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).strip()


def _scenario_bank(scenario: Scenario) -> Institution:
    home = scenario.countries[0]
    bank_code = scenario.key.replace("_", "")[:4].upper()
    bic = f"{bank_code}{home}P0"
    return _institution(
        scenario.key, scenario.name, countries=scenario.countries, bic=bic, bank_code=bank_code, scenario=scenario
    )


def _registered() -> Iterator[Institution]:
    """The registry's banks, once per country and name: it has an entry per branch code."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for bank in registry.get_all_banks():
        bic, code = seen.get((bank.country_code, bank.name), ("", ""))
        seen[bank.country_code, bank.name] = (bic or bank.bic or "", code or bank.bank_code or "")
    for (country, name), (bic, code) in seen.items():
        institution_id = _stable_id(country, name)
        bic = bic or _test_bic(institution_id)
        yield _institution(institution_id, name, countries=(country,), bic=bic, bank_code=code)


def _made_up() -> Iterator[Institution]:
    for country, name in bank_names():
        institution_id = _stable_id(country, name)
        yield _institution(institution_id, name, countries=(country,), bic=_test_bic(institution_id))


def _test_bic(institution_id: str) -> str:
    number = int(institution_id[-8:], 16)
    letters = "".join(_BIC_LETTERS[number // 26**place % 26] for place in range(4))
    return f"{letters}{institution_id[:2].upper()}X0"


def _stable_id(country: str, name: str) -> str:
    return f"{country.lower()}_{digest(f'{country}|{name}', size=6)}"


def _institution(
    institution_id: str,
    name: str,
    *,
    countries: tuple[str, ...],
    bic: str,
    bank_code: str = "",
    scenario: Scenario = ORDINARY,
) -> Institution:
    folded = fold(name)
    label = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60].strip("-") or institution_id.replace("_", "-")
    website = f"https://www.{label}.example"
    return Institution(institution_id, name, countries, bic, bank_code, website, scenario, folded)
