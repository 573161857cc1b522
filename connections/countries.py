"""The countries that have banks in the directory, by the names of the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from companies.templatetags.formats import country as name_of
from connections import queries
from connections.models.institution import fold


@dataclass(frozen=True)
class Country:
    """A country: its two letters, its name for this reader, and how many banks it has."""

    code: str
    name: str
    banks: int


def code_of(text: str) -> str:
    """The two letters that somebody gives in an address, in capitals; "" for what is no code of a country."""
    code = text.strip().upper()
    return code if re.fullmatch("[A-Z]{2}", code) else ""


def choices() -> list[Country]:
    """All of them, by name."""
    counted = queries.banks_by_country()
    found = [Country(code, name_of(code), banks) for code, banks in counted.items() if code]
    return sorted(found, key=lambda country: fold(country.name))
