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
    doubled: float = 0.0
    """Posted movements that a provider finds twice; it flags the copy, which counts for nothing."""
    holds_are_booked: bool = False
    """Card payments that would be pending first are told as booked, and taken back when the real booking comes."""


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
    is_beta: bool = False
    """The provider has only begun to work with this bank."""
    is_unattended: bool = True
    """Whether the bank can be read while nobody is there."""
    asks_each_time: bool = False
    """The bank wants a code from the holder at each reading."""
    history_days: int | None = None
    """How far back the bank shows anything, counted from linking; ``None``: to the beginning."""
    consent_days: int | None = None
    """Days from signing in until the permission ends; ``None``: those that are usual with the provider."""
    refreshes_per_day: int | None = None
    """How often in 24 hours the bank lets itself be read anew; ``None``: as often as one likes."""
    refresh_pause: int = 0
    """Seconds that must pass between two readings."""
    reading_takes: int = 0
    """Seconds that a reading of the bank takes."""
    renumbers: bool = False
    """Accounts and transactions have other ids after each new sign-in."""
    is_exclusive: bool = False
    """A holder can have one connection to this bank, not two."""
    closes_after: int | None = None
    """Seconds after linking until the last account is closed."""
    renames_after: int | None = None
    """Seconds after linking until the first account has another name, ``NEW_NAME``."""


NEW_NAME = "Renamed account"

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
    Scenario(
        key="code_each_time_bank",
        name="Code Each Time Bank",
        about="The bank wants a code from the holder at each reading: it cannot be read while nobody is there.",
        accounts=(_OPERATING,),
        is_unattended=False,
        asks_each_time=True,
    ),
    Scenario(
        key="by_hand_only_bank",
        name="By Hand Only Bank",
        about="The bank can be read only while its customer is there, but asks for nothing.",
        accounts=(_OPERATING,),
        is_unattended=False,
    ),
    Scenario(
        key="once_a_day_bank",
        name="Once A Day Bank",
        about="The bank lets itself be read once in 24 hours.",
        accounts=(_OPERATING,),
        refreshes_per_day=1,
    ),
    Scenario(
        key="too_early_bank",
        name="Too Early Bank",
        about="An hour must pass between two readings of the bank.",
        accounts=(_OPERATING,),
        refresh_pause=3600,
    ),
    Scenario(
        key="long_reading_bank",
        name="Long Reading Bank",
        about="Reading this bank takes eight seconds.",
        accounts=(_OPERATING,),
        reading_takes=8,
    ),
    Scenario(
        key="beta_bank",
        name="Beta Bank",
        about="The provider has only begun to work with this bank.",
        accounts=(_OPERATING,),
        is_beta=True,
    ),
    Scenario(
        key="ninety_days_bank",
        name="Ninety Days Bank",
        about="The bank shows the last 90 days and nothing before.",
        accounts=(_OPERATING, _SAVINGS),
        history_days=90,
    ),
    Scenario(
        key="short_consent_bank",
        name="Short Consent Bank",
        about="The permission ends five days after it was given.",
        accounts=(_OPERATING,),
        consent_days=5,
    ),
    Scenario(
        key="new_numbers_bank",
        name="New Numbers Bank",
        about="Accounts and transactions have other ids after each new sign-in.",
        accounts=(_OPERATING, _CARD),
        renumbers=True,
    ),
    Scenario(
        key="booked_holds_bank",
        name="Booked Holds Bank",
        about="Card payments are told as booked at once, and taken back when the real booking comes.",
        accounts=(_OPERATING, _CARD),
        habits=Habits(pace=2.0, pending=1.0, tips=0.3, holds_are_booked=True),
    ),
    Scenario(
        key="flagged_copies_bank",
        name="Flagged Copies Bank",
        about="The provider finds many transactions twice, and flags the copies.",
        accounts=(_OPERATING,),
        habits=Habits(doubled=0.2),
    ),
    Scenario(
        key="one_connection_bank",
        name="One Connection Bank",
        about="A holder can have one connection to this bank, not two.",
        accounts=(_OPERATING,),
        is_exclusive=True,
    ),
    Scenario(
        key="closing_account_bank",
        name="Closing Account Bank",
        about="A minute after linking, the savings account is closed.",
        accounts=(_OPERATING, _SAVINGS),
        closes_after=60,
    ),
    Scenario(
        key="renaming_bank",
        name="Renaming Bank",
        about="A minute after linking, the operating account has another name.",
        accounts=(_OPERATING, _SAVINGS),
        renames_after=60,
    ),
)
