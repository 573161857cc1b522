"""Accounts: what a company holds at each bank."""

from __future__ import annotations

import random

import pytest
from schwifty import IBAN

from sandbox.world import accounts, directory
from sandbox.world.scenarios import SCENARIOS

SAMPLE = random.Random(7).sample(directory.institutions(), 300)


def test_every_bank_has_an_account_and_ordinary_ones_an_operating_account_first() -> None:
    for bank in SAMPLE:
        found = accounts.accounts_of(bank.id)
        assert found
        if not bank.scenario.key:
            assert found[0].kind == "operating"
        assert len({account.key for account in found}) == len(found)


def test_numbers_are_valid_ibans_where_the_country_has_them() -> None:
    told = [account.number for bank in SAMPLE for account in accounts.accounts_of(bank.id) if account.kind != "card"]
    with_iban = [number for number in told if number[:2].isalpha()]
    assert len(with_iban) > 100
    assert all(IBAN(number).is_valid for number in with_iban)


def test_masks_are_the_last_letters_of_the_number() -> None:
    for bank in SAMPLE:
        for account in accounts.accounts_of(bank.id):
            assert 2 <= len(account.mask) <= 4
            if account.kind != "card":
                assert account.number.endswith(account.mask)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)
def test_scenario_banks_have_the_accounts_of_their_row(scenario: object) -> None:
    assert isinstance(scenario, type(SCENARIOS[0]))
    found = accounts.accounts_of(scenario.key)
    assert [account.name for account in found] == [plan.name for plan in scenario.accounts]


def test_currencies_have_their_own_decimals() -> None:
    found = {account.currency: account.exponent for account in accounts.accounts_of("many_currencies_bank")}
    assert found == {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def test_an_account_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        accounts.account("demo_business_bank.9")
    with pytest.raises(KeyError):
        accounts.accounts_of("no_such_bank")
