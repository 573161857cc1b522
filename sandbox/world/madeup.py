"""Plausible bank names for countries that no public registry lists. None of these banks exists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

_STEMS = (
    "Ash", "Beaver", "Birch", "Bright", "Cedar", "Clear", "Copper", "Crescent", "Eagle", "Elk", "Fair", "Fox", "Glen",
    "Granite", "Green", "Harbor", "Hazel", "Iron", "Juniper", "Lake", "Laurel", "Maple", "Mill", "Oak", "Pine",
    "Quarry", "Raven", "Red", "River", "Rock", "Silver", "Spring", "Stone", "Sunny", "Willow", "Wind",
)  # fmt: skip
_ENDINGS = ("brook", "dale", "field", "ford", "gate", "haven", "mont", "port", "ridge", "side", "view", "ville", "wood")
_ENGLISH = (
    "{} Community Bank", "{} Savings Bank", "{} State Bank", "{} National Bank", "{} Trust Company", "{} Credit Union",
    "First Bank of {}", "Farmers Bank of {}", "Merchants Bank of {}", "Citizens Bank of {}", "Peoples Bank of {}",
    "{} Federal Credit Union", "{} Teachers Credit Union", "{} Employees Credit Union", "{} Home Loan Bank",
    "First National Bank of {}", "{} Valley Bank", "{} County Bank", "{} Commerce Bank", "{} Mutual Bank",
    "{} Bank and Trust", "{} Commercial Bank", "{} Cooperative Bank", "{} Builders Bank", "{} Heritage Bank",
)  # fmt: skip
_INDIAN = (
    "Anand", "Bela", "Chandra", "Dhan", "Gauri", "Hari", "Indra", "Jaya", "Kamal", "Lakshya", "Manik", "Nila", "Padma",
    "Raj", "Shanti", "Surya", "Tara", "Uday", "Vasant", "Yash",
)  # fmt: skip
_INDIAN_ENDINGS = ("nagar", "pur", "garh", "abad", "kot", "wadi", "gram", "puram", "giri", "khand")
_INDIAN_KINDS = (
    "{} Cooperative Bank", "{} Urban Cooperative Bank", "{} Gramin Bank", "{} Mahila Sahakari Bank", "{} Nagrik Bank",
    "{} District Central Bank",
)  # fmt: skip
_IBERIAN = (
    "Agua", "Alto", "Bela", "Boa", "Campo", "Casa", "Clara", "Flor", "Fonte", "Lagoa", "Monte", "Nova", "Ouro", "Pedra",
    "Porto", "Rio", "Santa", "Serra", "Sol", "Vale",
)  # fmt: skip
_IBERIAN_ENDINGS = (" Alegre", " Azul", " Bonita", " Branca", " Dourada", " Grande", " Serena", " Verde", " Vista")
_BRAZILIAN_KINDS = ("Banco {}", "Cooperativa de Crédito {}", "Caixa {}", "Banco Comercial {}")
_MEXICAN_KINDS = ("Banco {}", "Caja Popular {}", "Unión de Crédito {}")
_JAPANESE = (
    "Aoba", "Asahi", "Fuji", "Hana", "Hikari", "Izumi", "Kawa", "Kita", "Matsu", "Midori", "Minami", "Mori", "Nishi",
    "Sakura", "Shira", "Taka", "Tsuki", "Umi", "Yama", "Yuki",
)  # fmt: skip
_JAPANESE_ENDINGS = ("be", "da", "gawa", "hara", "hashi", "mura", "no", "saki", "shima", "zawa")
_JAPANESE_KINDS = ("{} Shinkin Bank", "{} Bank", "{} Shinkumi Bank", "{} Trust Bank")

# Country, how many, the words that names are put together from. Most are American: there are most banks.
COUNTRIES: tuple[tuple[str, int, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("US", 8900, _STEMS, _ENDINGS, _ENGLISH),
    ("CA", 700, _STEMS, _ENDINGS, _ENGLISH[:12]),
    ("AU", 450, _STEMS, _ENDINGS, _ENGLISH[:8]),
    ("IE", 220, _STEMS, _ENDINGS, _ENGLISH[:6]),
    ("NZ", 120, _STEMS, _ENDINGS, _ENGLISH[:4]),
    ("ZA", 120, _STEMS, _ENDINGS, _ENGLISH[:4]),
    ("SG", 60, _STEMS, _ENDINGS, _ENGLISH[:4]),
    ("HK", 60, _STEMS, _ENDINGS, _ENGLISH[:4]),
    ("IN", 900, _INDIAN, _INDIAN_ENDINGS, _INDIAN_KINDS),
    ("BR", 540, _IBERIAN, _IBERIAN_ENDINGS, _BRAZILIAN_KINDS),
    ("MX", 240, _IBERIAN, _IBERIAN_ENDINGS, _MEXICAN_KINDS),
    ("JP", 480, _JAPANESE, _JAPANESE_ENDINGS, _JAPANESE_KINDS),
)


def bank_names() -> Iterator[tuple[str, str]]:
    """Country and name of each made-up bank, in an order that never changes."""
    for country, count, stems, endings, kinds in COUNTRIES:
        # Kinds turn slowest, so that a country has every place before it has every kind twice.
        for kind, (ending, stem) in islice(product(kinds, product(endings, stems)), count):
            yield country, kind.format(stem + ending)
