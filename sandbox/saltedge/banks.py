"""Banks in Salt Edge's directory: one for each bank of the world, in its home country, and a few for trying out.

Salt Edge calls a bank a provider; its code ends with its country.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sandbox.saltedge import errors
from sandbox.world.directory import Institution, find, institutions

SANDBOX_COUNTRY = "XF"
# Salt Edge's own pretend banks, and the bank of the world that each is here.
FAKES = {
    "fakebank_simple_xf": "demo_business_bank",
    "fakebank_with_updates_xf": "busy_street_bank",
    "fakebank_oauth_with_pending_and_available_balance_xf": "pending_tips_bank",
    "fake_client_xf": "quiet_bank",
    "fake_oauth_client_xf": "many_currencies_bank",
    "fake_interactive_client_xf": "code_each_time_bank",
}


class Bank(NamedTuple):
    """A bank with its number, code and country in the directory."""

    number: str
    code: str
    country: str
    institution: Institution


@cache
def directory() -> tuple[Bank, ...]:
    """Every bank, the pretend ones of Salt Edge last, by their numbers."""
    found = [
        Bank(str(1000 + index), f"{one.id}_{one.country.lower()}", one.country, one)
        for index, one in enumerate(institutions())
    ]
    number = int(found[-1].number)
    for index, (code, key) in enumerate(FAKES.items(), start=1):
        behind = find(key)
        if behind is not None:
            found.append(Bank(str(number + index), code, SANDBOX_COUNTRY, behind))
    return tuple(found)


@cache
def _by_code() -> dict[str, Bank]:
    return {bank.code: bank for bank in directory()}


def of_code(code: str) -> Bank:
    """The bank with this code. Raises ``ProviderNotFound``."""
    found = _by_code().get(code)
    if found is None:
        raise errors.not_found("Provider", code)
    return found
