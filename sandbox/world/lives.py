"""What a company does with each kind of account on one day: rent, salaries, takings, suppliers, tax, fees.

The tables say what happens how often; amounts stand in euro cents and are brought to the account's currency. A day
draws from a generator of its own, so that its movements never depend on when one asks for them.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from sandbox.world.accounts import Account, exponent
from sandbox.world.chance import about, pick, skewed, source
from sandbox.world.parties import Circle, Party, circle

_FOREIGN = ("USD", "GBP", "EUR", "CHF", "SEK", "JPY")
_RATES = {"USD": 1.08, "GBP": 0.86, "EUR": 1.0, "CHF": 0.95, "SEK": 11.2, "JPY": 161.0}
LAST_WEEKDAY = 31


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A movement as it was decided on, before the bank shows it. ``amount`` in the currency's smallest unit, + in."""

    kind: str
    amount: int
    party: Party
    text: str
    by_card: bool = False
    original_amount: int | None = None
    original_currency: str = ""
    is_internal: bool = False


class Often(NamedTuple):
    """Something that happens so many times on a weekday and a day of the weekend, between ``low`` and ``high``."""

    kind: str
    pool: str
    text: str
    weekday: float
    weekend: float
    low: int
    high: int
    by_card: bool = False
    goes_abroad: bool = False


class Monthly(NamedTuple):
    """Something on the first weekday from ``day`` on, in ``months`` only if named; ``fixed`` is the same each time."""

    kind: str
    pool: str
    text: str
    day: int
    low: int
    high: int
    fixed: bool = True
    months: tuple[int, ...] = ()


_QUARTERS = (1, 4, 7, 10)
_PURCHASES = (
    Often("purchase", "shops", "{party} card {ref}", 0.5, 0.3, -9_500, -380, by_card=True, goes_abroad=True),
    Often("refund", "shops", "{party} refund {ref}", 0.012, 0.0, 500, 6_000, by_card=True),
)
_OFTEN: dict[str, tuple[Often, ...]] = {
    "operating": (
        Often("settlement", "acquirer", "Card takings {ref}", 0.85, 0.0, 18_000, 96_000),
        Often("customer", "customers", "Invoice {ref}", 0.75, 0.06, 12_000, 620_000),
        Often("supplier", "suppliers", "Your invoice {ref}", 0.6, 0.0, -410_000, -9_000, goes_abroad=True),
        *_PURCHASES,
        Often("cash", "bank", "Cash deposit {ref}", 0.04, 0.0, 20_000, 140_000),
    ),
    "foreign": (
        Often("customer", "customers", "Invoice {ref}", 0.22, 0.0, 40_000, 480_000),
        Often("supplier", "suppliers", "Your invoice {ref}", 0.14, 0.0, -380_000, -20_000),
    ),
    "card": tuple(item._replace(weekday=item.weekday * 1.6, weekend=item.weekend * 1.6) for item in _PURCHASES),
    "savings": (),
    "dormant": (),
}
_MONTHLY: dict[str, tuple[Monthly, ...]] = {
    "operating": (
        Monthly("rent", "landlord", "Rent {month}", 1, -260_000, -140_000),
        Monthly("salary", "staff", "Salary {month}", LAST_WEEKDAY, -360_000, -210_000),
        Monthly("social_security", "social_security", "Contributions {month}", 15, -290_000, -190_000, fixed=False),
        Monthly("tax", "tax_office", "VAT return {ref}", 25, -620_000, -180_000, fixed=False, months=_QUARTERS),
        Monthly("insurance", "insurer", "Policy {ref}", 5, -38_000, -12_000),
        Monthly("utility", "utility", "Energy {month}", 10, -42_000, -16_000, fixed=False),
        Monthly("telecom", "telecom", "Telephone and internet {month}", 12, -9_900, -4_500),
        Monthly("fee", "bank", "Account fee {month}", LAST_WEEKDAY, -2_900, -900),
    ),
    "foreign": (Monthly("fee", "bank", "Account fee {month}", LAST_WEEKDAY, -1_900, -700),),
    "card": (
        Monthly("subscription", "services", "Subscription {ref}", 3, -9_900, -900),
        Monthly("fee", "bank", "Card fee {year}", 6, -9_500, -4_500, months=(1,)),
    ),
    "savings": (),
    "dormant": (),
}


def drafts(account: Account, day: dt.date, *, rng: random.Random, total: int) -> list[Draft]:
    """What is decided on this day. ``total`` is the account's balance, all that was decided before having posted."""
    people = circle(account.key, country=account.institution.country, bank_name=account.institution.name)
    found = list(_often(account, day, rng=rng, people=people))
    for item in _MONTHLY[account.kind]:
        if _falls_on(item, day):
            found.extend(_monthly(account, day, rng=rng, item=item, people=people))
    found.extend(_own_transfers(account, day, total=total, people=people))
    return found


def mirrored(draft: Draft, account: Account) -> Draft:
    """The other half of a transfer between two accounts of the same holder, as ``account`` shows it."""
    party = Party(account.holder, account.number, account.bic)
    return Draft("transfer", -draft.amount, party, draft.text, is_internal=True)


def _often(account: Account, day: dt.date, *, rng: random.Random, people: Circle) -> Iterator[Draft]:
    habits = account.institution.scenario.habits
    is_weekend = day.weekday() >= 5
    for item in _OFTEN[account.kind]:
        mean = (item.weekend if is_weekend else item.weekday) * habits.pace
        for _ in range(about(rng, mean)):
            draft = _draft(account, day, rng=rng, item=item, people=people)
            if item.goes_abroad and rng.random() < habits.abroad:
                draft = _in_another_currency(draft, account, rng=rng)
            yield draft
            if rng.random() < habits.twins:
                yield draft


def _monthly(account: Account, day: dt.date, *, rng: random.Random, item: Monthly, people: Circle) -> Iterator[Draft]:
    pool = getattr(people, item.pool)
    for number, party in enumerate(pool if isinstance(pool, tuple) else (pool,)):
        amounts = source("fixed", account.key, item.kind, number) if item.fixed else rng
        amount = int(skewed(amounts, low=item.low, high=item.high) * account.scale)
        yield Draft(item.kind, amount, party, _text(item.text, day, rng=rng, party=party))


def _draft(account: Account, day: dt.date, *, rng: random.Random, item: Often, people: Circle) -> Draft:
    party = people.of(item.pool, rng)
    # Small amounts are the frequent ones on both sides: a payment out is skewed towards its upper, smaller end.
    is_in = item.low > 0
    cents = skewed(rng, low=item.low, high=item.high) if is_in else -skewed(rng, low=-item.high, high=-item.low)
    amount = int(cents * account.scale) or (1 if is_in else -1)
    return Draft(item.kind, amount, party, _text(item.text, day, rng=rng, party=party), by_card=item.by_card)


def _text(pattern: str, day: dt.date, *, rng: random.Random, party: Party) -> str:
    reference = f"{day.year}-{int(rng.random() * 100_000):05d}"
    return pattern.format(
        ref=reference, month=f"{calendar.month_name[day.month]} {day.year}", year=day.year, party=party.name
    )


def _in_another_currency(draft: Draft, account: Account, *, rng: random.Random) -> Draft:
    currency = pick(rng, [code for code in _FOREIGN if code != account.currency])
    in_cents = draft.amount / account.scale * _RATES[currency] * (0.98 + rng.random() * 0.04)
    original = round(in_cents * 10 ** exponent(currency) / 100) or -1
    return msgspec.structs.replace(draft, original_amount=original, original_currency=currency)


def _own_transfers(account: Account, day: dt.date, *, total: int, people: Circle) -> Iterator[Draft]:
    """What keeps an account's balance where a company wants it, so that it drifts nowhere in years."""
    hundred = max(1, int(10_000 * account.scale))
    excess = total - account.opening
    if account.kind in ("operating", "foreign") and (_is_first_weekday(day, 3) or _is_first_weekday(day, 18)):
        if abs(excess) > hundred * 10:
            text = "Transfer to treasury account" if excess > 0 else "Transfer from treasury account"
            yield Draft("treasury", -(excess // hundred) * hundred, people.treasury, text)
    elif account.kind == "card" and _is_first_weekday(day, 20) and total < 0:
        # Not all of it: the newest purchases are not on the card's statement yet.
        yield _internal(-total * 3 // 4, account, text="Credit card payment, thank you")
    elif account.kind == "savings":
        yield from _savings(account, day, excess=excess, total=total, bank=people.bank)


def _savings(account: Account, day: dt.date, *, excess: int, total: int, bank: Party) -> Iterator[Draft]:
    if _is_first_weekday(day, 5):
        monthly = skewed(source("saved", account.key, day.year, day.month), low=10, high=40)
        yield _internal(int(monthly * 10_000 * account.scale), account, text="Monthly saving")
    if _is_first_weekday(day, 12) and excess > 1_500_000 * account.scale:
        yield _internal(-int(1_500_000 * account.scale), account, text="Back to operating account")
    if _is_last_weekday(day):
        yield Draft("interest", total * 17 // 12_000, bank, f"Interest {calendar.month_name[day.month]} {day.year}")


def _internal(amount: int, account: Account, *, text: str) -> Draft:
    return Draft("transfer", amount, Party(account.holder), text, is_internal=True)


def _falls_on(item: Monthly, day: dt.date) -> bool:
    if item.months and day.month not in item.months:
        return False
    return _is_last_weekday(day) if item.day == LAST_WEEKDAY else _is_first_weekday(day, item.day)


def _is_first_weekday(day: dt.date, wanted: int) -> bool:
    """Whether ``day`` is the first day from the ``wanted`` of its month on that is no Saturday or Sunday."""
    if day.weekday() >= 5 or not 0 <= day.day - wanted <= 2:
        return False
    return day.day == wanted or (day.weekday() == 0)


def _is_last_weekday(day: dt.date) -> bool:
    if day.weekday() >= 5:
        return False
    following = day + dt.timedelta(days=3 if day.weekday() == 4 else 1)
    return following.month != day.month
