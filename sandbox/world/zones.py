"""The time zones banks keep their days in."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

_ZONES = {
    "AT": "Europe/Vienna", "BE": "Europe/Brussels", "CA": "America/Toronto", "CH": "Europe/Zurich",
    "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn",
    "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London",
    "GR": "Europe/Athens", "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IT": "Europe/Rome",
    "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest",
    "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava", "US": "America/New_York",
}  # fmt: skip


@lru_cache
def zone(country: str) -> ZoneInfo:
    """The zone of a country's banks; UTC for a country without a row."""
    return ZoneInfo(_ZONES.get(country, "UTC"))
