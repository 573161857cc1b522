"""Who pays and is paid: made-up companies, shops and people, a circle of them around each account."""

from __future__ import annotations

import random
from functools import lru_cache

import msgspec
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from sandbox.world.chance import pick, source

_SURNAMES = (
    "Abbink", "Almeida", "Bauer", "Becker", "Bos", "Carver", "Castell", "Claes", "Costa", "Dekker", "Dubois", "Egan",
    "Ferrer", "Fischer", "Garnier", "Hale", "Hendriks", "Holm", "Jansen", "Keller", "Kovac", "Lambert", "Lindqvist",
    "Marchetti", "Mertens", "Moreau", "Novak", "O'Shea", "Peeters", "Quinn", "Ricci", "Sanders", "Schmitt", "Silva",
    "Tanaka", "Thorne", "Ueda", "Vermeer", "Visser", "Weber", "Winter", "Ziegler",
)  # fmt: skip
_FIRST_NAMES = (
    "Ada", "Anna", "Bram", "Carla", "Daan", "Elif", "Eva", "Felix", "Gita", "Hugo", "Ines", "Jonas", "Karim", "Lena",
    "Lucia", "Mara", "Nico", "Noor", "Olga", "Paul", "Rosa", "Sam", "Sofie", "Tom", "Yara", "Zoe",
)  # fmt: skip
_TRADES = (
    "Bakery Supplies", "Carpentry", "Cleaning", "Consulting", "Construction", "Design", "Electrical", "Engineering",
    "Foods", "Freight", "Garden Centre", "Glassworks", "Instruments", "Interiors", "Joinery", "Labels", "Lighting",
    "Logistics", "Machine Tools", "Metalworks", "Packaging", "Paints", "Paper", "Plumbing", "Print", "Roofing",
    "Software", "Textiles", "Timber", "Tools",
)  # fmt: skip
_SHOPS = (
    "Blue Door Hotel", "Corner Hardware", "Green Basket Market", "Harbour Parking", "Kettle & Crumb", "Lantern Books",
    "Ninebar Espresso", "Northline Fuel", "Old Mill Restaurant", "Paper Crane Stationery", "Parcel Point",
    "Quickhop Taxi", "Railyard Bistro", "Skyline Airways", "Southgate Service Station", "Tandem Coffee",
    "The Copper Ladle", "The Print Shed", "Volt Charging", "Willow & Rye",
)  # fmt: skip
_SERVICES = ("Cloudshelf Hosting", "Inkwell Docs", "Pipeboard CRM", "Mailkite", "Ledgerlamp", "Sketchyard Studio")
_SUFFIXES = {
    "NL": "B.V.", "BE": "BV", "DE": "GmbH", "AT": "GmbH", "CH": "AG", "FR": "SARL", "LU": "Sàrl", "ES": "S.L.",
    "IT": "S.r.l.", "PT": "Lda", "GB": "Ltd", "IE": "Ltd", "US": "LLC", "CA": "Inc.", "JP": "K.K.", "SE": "AB",
    "NO": "AS", "DK": "ApS", "FI": "Oy", "PL": "Sp. z o.o.", "CZ": "s.r.o.", "SK": "s.r.o.", "HU": "Kft.",
    "AU": "Pty Ltd", "IN": "Pvt Ltd", "BR": "Ltda", "MX": "S.A.",
}  # fmt: skip


class Party(msgspec.Struct, frozen=True, gc=False):
    """The other side of a movement. ``number`` is its account's, an IBAN where there are any, ``""`` for shops."""

    name: str
    number: str = ""
    bic: str = ""


class Circle(msgspec.Struct, frozen=True):
    """Everybody that one account deals with, the same people all its life."""

    customers: tuple[Party, ...]
    suppliers: tuple[Party, ...]
    staff: tuple[Party, ...]
    shops: tuple[Party, ...]
    services: tuple[Party, ...]
    landlord: Party
    acquirer: Party
    insurer: Party
    utility: Party
    telecom: Party
    tax_office: Party
    social_security: Party
    treasury: Party
    bank: Party

    def of(self, pool: str, rng: random.Random) -> Party:
        """Somebody out of ``pool``, a field's name; one that holds many people gives any of them."""
        found = getattr(self, pool)
        return pick(rng, found) if isinstance(found, tuple) else found


@lru_cache(maxsize=256)
def circle(account_key: str, *, country: str, bank_name: str) -> Circle:
    """The circle of the account with this key in this country, at this bank."""
    rng = source("circle", account_key)
    suffix = _SUFFIXES.get(country, "Ltd")
    return Circle(
        customers=tuple(_company(rng, country) for _ in range(24)),
        suppliers=tuple(_company(rng, country) for _ in range(14)),
        staff=tuple(Party(_person(rng), iban(rng, country)) for _ in range(4)),
        shops=tuple(Party(name) for name in rng.sample(_SHOPS, 14)),
        services=tuple(Party(name) for name in rng.sample(_SERVICES, 4)),
        landlord=Party(f"{pick(rng, _SURNAMES)} Property {suffix}", iban(rng, country)),
        acquirer=Party("Tillpoint Card Services", iban(rng, country)),
        insurer=Party("Umbra Mutual Insurance", iban(rng, country)),
        utility=Party("Brightwater Energy", iban(rng, country)),
        telecom=Party("Farcall Telecom", iban(rng, country)),
        tax_office=Party("Tax Office", iban(rng, country)),
        social_security=Party("Social Security Fund", iban(rng, country)),
        treasury=Party(f"{pick(rng, _SURNAMES)} Holding {suffix}", iban(rng, country)),
        bank=Party(bank_name),
    )


def holder(institution_id: str, country: str) -> str:
    """The company that holds the accounts at an institution."""
    rng = source("holder", institution_id)
    return f"{pick(rng, _SURNAMES)} {pick(rng, _TRADES)} {_SUFFIXES.get(country, 'Ltd')}"


def iban(rng: random.Random, country: str, *, bank_code: str = "") -> str:
    """A valid IBAN at a bank of ``country``, or ``""`` where there are none."""
    try:
        known = {"bank_code": bank_code} if bank_code else {}
        return str(IBAN.random(country, random=rng, use_registry=False, **known))
    except SchwiftyException:
        return ""


def _company(rng: random.Random, country: str) -> Party:
    name = f"{pick(rng, _SURNAMES)} {pick(rng, _TRADES)} {_SUFFIXES.get(country, 'Ltd')}"
    return Party(name, iban(rng, country))


def _person(rng: random.Random) -> str:
    return f"{pick(rng, _FIRST_NAMES)} {pick(rng, _SURNAMES)}"
