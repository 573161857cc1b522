"""The scenario banks, one row each: what a bank is called, which accounts it has and how it behaves."""

from __future__ import annotations

import msgspec

EVERYWHERE = ("NL", "US", "GB", "BE", "DE", "FR", "IE", "ES", "IT", "CA", "AT", "LU", "PT")


class Habits(msgspec.Struct, frozen=True):
    """How movements behave at a bank. Each but ``pace`` and ``pending`` is the share of movements it happens to."""

    pace: float = 1.0
    """How much busier than an ordinary company."""
    pending: float = 0.9
    """The share of card payments that are pending first."""
    tips: float = 0.03
    """Card payments that post with a larger amount than was pending."""
    vanishing: float = 0.02
    """Pending payments that never post."""
    unmatched: float = 0.06
    """Card payments that post without a word of the pending payment they came from."""
    twins: float = 0.01
    """Movements that happen a second time on the same day, equal in everything but their id."""
    late: float = 0.01
    """Movements that appear two to nine days after their booking date."""
    abroad: float = 0.05
    """Card payments and supplier payments made in another currency."""
    amended: float = 0.0
    """Posted movements whose amount the bank corrects a few days later, under the same id."""
    withdrawn: float = 0.0
    """Posted movements that the bank takes back a few days later."""


class AccountPlan(msgspec.Struct, frozen=True):
    """An account a bank has: ``kind`` names its life in ``lives``, no ``currency`` means that of the bank's country."""

    kind: str
    name: str
    currency: str = ""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """How a bank behaves, from its sign-in page to its movements. No ``accounts``: those of an ordinary company."""

    key: str
    name: str
    about: str
    countries: tuple[str, ...] = EVERYWHERE
    accounts: tuple[AccountPlan, ...] = ()
    habits: Habits = Habits()
    is_down: bool = False
    recent_after: int = 0
    """Seconds after linking until the last 30 days can be read."""
    complete_after: int = 0
    """Seconds after linking until all can be read."""
    sign_in_lasts: int | None = None
    """Seconds after linking until the bank asks for a new sign-in; ``None``: for good."""


_OPERATING = AccountPlan("operating", "Operating account")
_SAVINGS = AccountPlan("savings", "Savings account")
_CARD = AccountPlan("card", "Business credit card")
_DOLLARS = AccountPlan("foreign", "Dollar account", "USD")

ORDINARY = Scenario(key="", name="", about="An ordinary bank with an ordinary company's accounts.", countries=())

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        key="demo_business_bank",
        name="Demo Business Bank",
        about="The everyday case: four accounts, three years of a small company's life, nothing strange.",
        accounts=(_OPERATING, _SAVINGS, _DOLLARS, _CARD),
    ),
    Scenario(
        key="busy_street_bank",
        name="Busy Street Bank",
        about="One account with more than ten thousand transactions in two years.",
        accounts=(_OPERATING,),
        habits=Habits(pace=8.5),
    ),
    Scenario(
        key="equal_payments_bank",
        name="Equal Payments Bank",
        about="Many payments happen twice on one day, with the same amount and the same text.",
        accounts=(_OPERATING, _CARD),
        habits=Habits(twins=0.4),
    ),
    Scenario(
        key="late_payments_bank",
        name="Late Payments Bank",
        about="Many transactions appear days after the day they are booked on.",
        accounts=(_OPERATING, _SAVINGS),
        habits=Habits(late=0.3),
    ),
    Scenario(
        key="pending_tips_bank",
        name="Pending Tips Bank",
        about="Card payments are pending for days, then post with another amount or on another day, or vanish.",
        accounts=(_OPERATING, _CARD),
        habits=Habits(pace=2.0, pending=1.0, tips=0.5, vanishing=0.1, unmatched=0.3),
    ),
    Scenario(
        key="many_currencies_bank",
        name="Many Currencies Bank",
        about="Accounts in euro, dollar, yen (no cents) and Kuwaiti dinar (three decimals).",
        accounts=(
            _OPERATING,
            _DOLLARS,
            AccountPlan("foreign", "Yen account", "JPY"),
            AccountPlan("foreign", "Dinar account", "KWD"),
        ),
        habits=Habits(abroad=0.4),
    ),
    Scenario(
        key="credit_card_bank",
        name="Credit Card Bank",
        about="Nothing but two credit cards: the balance is what is owed.",
        accounts=(_CARD, AccountPlan("card", "Travel credit card")),
        habits=Habits(pace=2.0),
    ),
    Scenario(
        key="corrections_bank",
        name="Corrections Bank",
        about="The bank corrects some posted transactions afterwards, and takes a few back.",
        accounts=(_OPERATING,),
        habits=Habits(amended=0.05, withdrawn=0.02),
    ),
    Scenario(
        key="slow_start_bank",
        name="Slow Start Bank",
        about="Nothing can be read right after linking; the last month after 6 seconds, all of it after 12.",
        accounts=(_OPERATING, _SAVINGS),
        recent_after=6,
        complete_after=12,
    ),
    Scenario(
        key="down_bank",
        name="Down Bank",
        about="The bank's computers do not answer today.",
        accounts=(_OPERATING,),
        is_down=True,
    ),
    Scenario(
        key="password_changed_bank",
        name="Password Changed Bank",
        about="A minute after linking, the bank asks for a new sign-in.",
        accounts=(_OPERATING,),
        sign_in_lasts=60,
    ),
    Scenario(
        key="quiet_bank",
        name="Quiet Bank",
        about="A few transactions a month.",
        accounts=(_SAVINGS,),
    ),
    Scenario(
        key="dormant_bank",
        name="Dormant Bank",
        about="An account on which nothing ever happens.",
        accounts=(AccountPlan("dormant", "Reserve account"),),
    ),
)
