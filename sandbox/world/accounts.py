"""The accounts a company holds at each institution, always the same ones."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from babel.numbers import get_currency_precision, get_territory_currencies

from sandbox.world import parties
from sandbox.world.chance import skewed, source
from sandbox.world.directory import Institution, find
from sandbox.world.scenarios import AccountPlan

# Roughly how many of a currency's units an amount of one euro is, so that a rent in yen reads like a rent.
_PER_EURO = {
    "JPY": 160, "KRW": 1450, "HUF": 400, "CZK": 25, "SEK": 11, "NOK": 11, "DKK": 7.5, "ISK": 150, "PLN": 4.3,
    "UAH": 45, "RSD": 117, "RON": 5, "TRY": 40, "KZT": 520, "INR": 90, "PKR": 300, "BRL": 6, "MXN": 20, "ZAR": 20,
    "HKD": 8.5, "CRC": 550, "AED": 4, "SAR": 4, "ILS": 4, "MDL": 20, "GEL": 3, "KWD": 0.33,
}  # fmt: skip
_OPENING = {"operating": 4_500_000, "savings": 2_400_000, "foreign": 1_200_000, "card": -84_012, "dormant": 1_500_000}
CARD_LIMIT = 1_500_000


class Account(msgspec.Struct, frozen=True):
    """A bank account. ``opening`` is its balance before its first day; a card's is what is owed, and negative.

    ``exponent`` is the number of decimals of its currency, ``scale`` turns euro cents into its smallest unit.
    ``number`` is an IBAN where the country has them; ``mask`` its last digits, for a card the card's.
    """

    key: str
    institution: Institution
    kind: str
    name: str
    holder: str
    currency: str
    exponent: int
    scale: float
    opening: int
    number: str
    bic: str
    mask: str
    limit: int | None = None


@lru_cache(maxsize=512)
def accounts_of(institution_id: str) -> tuple[Account, ...]:
    """The accounts at an institution, the operating account first. Raises ``KeyError`` for one that is not there."""
    institution = find(institution_id)
    if institution is None:
        raise KeyError(institution_id)
    plans = institution.scenario.accounts or _ordinary_plans(institution)
    return tuple(_open(institution, number, plan=plan) for number, plan in enumerate(plans, start=1))


def account(key: str) -> Account:
    """The account with this key, ``<institution id>.<number>``. Raises ``KeyError`` for one that is not there."""
    for candidate in accounts_of(key.rpartition(".")[0]):
        if candidate.key == key:
            return candidate
    raise KeyError(key)


def exponent(currency: str) -> int:
    """The number of decimals a currency has: 2 for the euro, none for the yen, 3 for the Kuwaiti dinar."""
    return int(get_currency_precision(currency))


def home_currency(country: str) -> str:
    return str(get_territory_currencies(country)[0])


def _ordinary_plans(institution: Institution) -> tuple[AccountPlan, ...]:
    """An operating account always; savings, a card and a foreign currency at some."""
    rng = source("plans", institution.id)
    plans = [AccountPlan("operating", "Operating account")]
    if rng.random() < 0.7:
        plans.append(AccountPlan("savings", "Savings account"))
    if rng.random() < 0.5:
        plans.append(AccountPlan("card", "Business credit card"))
    if rng.random() < 0.25:
        other = "EUR" if home_currency(institution.country) == "USD" else "USD"
        plans.append(AccountPlan("foreign", f"{other} account", other))
    return tuple(plans)


def _open(institution: Institution, number: int, *, plan: AccountPlan) -> Account:
    key = f"{institution.id}.{number}"
    rng = source("account", key)
    currency = plan.currency or home_currency(institution.country)
    decimals = exponent(currency)
    scale = _PER_EURO.get(currency, 1) * 10**decimals / 100
    is_card = plan.kind == "card"
    iban = "" if is_card else parties.iban(rng, institution.country, bank_code=institution.bank_code)
    digits = iban or f"{rng.randrange(10**9, 10**10)}"
    pace = max(1.0, institution.scenario.habits.pace) if plan.kind == "operating" else 1.0
    return Account(
        key=key,
        institution=institution,
        kind=plan.kind,
        name=plan.name,
        holder=parties.holder(institution.id, institution.country),
        currency=currency,
        exponent=decimals,
        scale=scale,
        opening=int((_OPENING[plan.kind] + skewed(rng, low=0, high=90_000)) * scale * pace),
        number=iban if iban or is_card else digits,
        bic=institution.bic,
        mask=digits[-4:],
        limit=int(CARD_LIMIT * scale) if is_card else None,
    )
