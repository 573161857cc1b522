"""The directory of institutions: large, complete, the same at every run."""

from __future__ import annotations

import subprocess
import sys

from schwifty import BIC

from sandbox.world import directory
from sandbox.world.scenarios import SCENARIOS

PLAID_COUNTRIES = frozenset(["US", "GB", "NL", "DE", "FR", "ES", "IT", "PL", "IE", "CA", "AT", "LT", "BE"])


def test_it_holds_more_than_26000_institutions_with_all_fields() -> None:
    banks = directory.institutions()
    assert len(banks) >= 26_000
    assert all(bank.id and bank.name.strip() and bank.bic and bank.website.endswith(".example") for bank in banks)
    assert all(len(country) == 2 and country.isupper() for bank in banks for country in bank.countries)


def test_ids_are_unique_and_so_are_names_in_a_country() -> None:
    banks = directory.institutions()
    assert len({bank.id for bank in banks}) == len(banks)
    assert len({(bank.country, bank.name) for bank in banks}) == len(banks)


def test_every_scenario_bank_is_in_it_first() -> None:
    first = directory.institutions()[: len(SCENARIOS)]
    assert [bank.name for bank in first] == [scenario.name for scenario in SCENARIOS]


def test_most_of_it_is_in_plaids_countries() -> None:
    assert len(directory.in_countries(PLAID_COUNTRIES)) > 15_000


def test_bics_have_the_form_of_bics() -> None:
    strange = [bank.bic for bank in directory.institutions() if not BIC(bank.bic, allow_invalid=True).is_valid]
    assert strange == []


def test_another_process_makes_the_same_directory() -> None:
    script = (
        "import hashlib;from sandbox.world.directory import institutions;"
        "print(hashlib.sha256(repr([(b.id, b.name, b.bic, b.website) for b in institutions()]).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_search_folds_accents_and_puts_beginnings_first() -> None:
    found = directory.search("CREDITO", countries=frozenset({"BR"}), limit=5)
    assert [bank.name for bank in found if "Crédito" in bank.name]
    names = [bank.name for bank in directory.search("demo bus", countries=frozenset({"NL"}), limit=5)]
    assert names[0] == "Demo Business Bank"


def test_ids_are_found_letter_by_letter() -> None:
    assert directory.find("demo_business_bank") is not None
    assert directory.find("Demo_Business_Bank") is None
