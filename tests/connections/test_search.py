"""Finding one's bank: every way of typing it, the order of what is found, and what it costs."""

from __future__ import annotations

import random
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from schwifty import registry

from connections.models import DirectoryCursor, Institution
from connections.search import Bank, search
from connections.search_index import SearchIndex, index
from connections.search_words import shown, understand
from connections.services import directory
from providers.types import InstitutionData, InstitutionPage
from tests.factories import make_institution

pytestmark = pytest.mark.django_db

# The least share of banks found among the first twenty by their name with one letter changed, lost, added or swapped.
TYPOS_FOUND = 0.9
FIRST = 20
# Belgian and Belgian-like: the account number of a story, whose bank the registry knows.
BELFIUS_ACCOUNT = "BE71 0961 2345 6769"


def names(found: list[Bank]) -> list[str]:
    return [bank.best.name for bank in found]


@pytest.fixture
def banks() -> None:
    """A few banks that differ in what is searched."""
    make_institution(name="KBC Bank", country="BE", bic="KREDBEBB")
    make_institution(name="KBC Bank", country="NL", bic="KREDNL2X")
    make_institution(name="Belfius Bank", country="BE", bic="GKCCBEBB")
    make_institution(name="Crédit Agricole du Nord", country="FR", bic="AGRIFRPP")
    make_institution(name="Sønderjylland Sparekasse", country="DK")
    make_institution(name="Bank of Kbcstown", country="US")
    make_institution(name="ING", country="NL", bic="INGBNL2A")
    make_institution(name="Fairing Savings NL", country="CA")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("kbc", "KBC Bank"),
        ("KBC bank", "KBC Bank"),
        ("belf", "Belfius Bank"),
        ("credit agricole", "Crédit Agricole du Nord"),
        ("AGRICOLE", "Crédit Agricole du Nord"),
        ("nord credit", "Crédit Agricole du Nord"),
        ("sonderjylland", "Sønderjylland Sparekasse"),
        ("gkccbebb", "Belfius Bank"),
        ("GKCCBEBBXXX", "Belfius Bank"),
        ("belfuis", "Belfius Bank"),
        ("Beflius Bnak", "Belfius Bank"),
        ("credti agricol", "Crédit Agricole du Nord"),
        ("ing nl", "ING"),
        ("bank belgium", "KBC Bank"),
        ("belfius belgië", "Belfius Bank"),
        ("ing nederl", "ING"),
    ],
)
def test_a_bank_is_found_as_people_type_it(banks: None, typed: str, first: str) -> None:
    assert names(search(typed))[:1] == [first]


def test_a_country_beside_the_name_picks_the_bank_there(banks: None) -> None:
    for typed, country in (("kbc be", "BE"), ("kbc Netherlands", "NL"), ("België kbc", "BE"), ("kbc 比利时", "BE")):
        assert [(bank.best.name, bank.best.country) for bank in search(typed)][:1] == [("KBC Bank", country)], typed


def test_a_country_alone_gives_its_banks(banks: None) -> None:
    assert set(names(search("Belgium"))) == {"KBC Bank", "Belfius Bank"}


def test_an_account_number_finds_its_bank_also_when_it_is_mistyped(banks: None) -> None:
    assert names(search(BELFIUS_ACCOUNT)) == ["Belfius Bank"]
    assert names(search(BELFIUS_ACCOUNT[:-1] + "0")) == ["Belfius Bank"]


def test_an_account_number_never_stands_in_an_address() -> None:
    assert shown(f" {BELFIUS_ACCOUNT.lower()} ") == "GKCCBEBB"
    # The registry does not know every bank: then its country must do.
    assert shown("BE68 5390 0754 7034") == "Belgium"
    assert shown(" Belfius Bank ") == "Belfius Bank"


def test_exact_comes_before_beginning_before_word_before_anywhere(db: None) -> None:
    for name in ("Xalphabank", "The Alpha Bank", "Alpha Bank Sofia", "Alpha"):
        make_institution(name=name)
    assert names(search("alpha")) == ["Alpha", "Alpha Bank Sofia", "The Alpha Bank", "Xalphabank"]


def test_a_bank_of_several_providers_is_one_answer_with_the_better_way_first(db: None) -> None:
    short = {"history_days": 90, "unattended": True}
    long = {"history_days": 730, "unattended": True}
    make_institution(name="Both Bank", provider="plaid", capabilities=short)
    make_institution(name="BOTH  BANK", provider="ponto", capabilities=long, bic="BOTHBEBB")
    make_institution(name="Both Bank", provider="plaid", country="NL")
    belgian, dutch = sorted(search("both bank"), key=lambda bank: bank.best.country)
    assert (belgian.providers, belgian.bic) == (["ponto", "plaid"], "BOTHBEBB")
    assert dutch.providers == ["plaid"]


def test_only_the_chosen_country_is_searched(banks: None) -> None:
    assert [bank.best.country for bank in search("kbc", "NL")] == ["NL"]
    make_institution(name="Everywhere", country="DE", countries=["DE", "NL"])
    assert names(search("everywhere", "NL")) == ["Everywhere"]
    assert names(search("evrywhere", "NL")) == ["Everywhere"]
    assert search("everywhere", "BE") == []


@pytest.mark.parametrize(
    "typed", ["", "   ", "qqqzzzxxx", "%", "_", '"', "' OR 1=1 --", "\\", "*", "a" * 5000, "€ 你 %"]
)
def test_what_is_no_bank_finds_none_and_breaks_nothing(banks: None, typed: str) -> None:
    assert [name for name in names(search(typed)) if "KBC" in name] == []


def test_a_bank_that_is_no_longer_offered_is_not_found(banks: None) -> None:
    Institution.objects.update(is_removed=True)
    assert search("kbc") == []
    assert search("belfuis") == []


def test_what_the_directory_brings_and_takes_back_is_found_at_once(db: None) -> None:
    def page(name: str, *, removed: tuple[str, ...] = ()) -> InstitutionPage:
        bank = InstitutionData(id="plaid:1", provider="plaid", name=name, countries=("BE",))
        return InstitutionPage(institutions=(bank,), removed=removed, next_after=1, has_more=False)

    directory.store(page("Old Name Bank"))
    assert names(search("old nmae bank")) == ["Old Name Bank"]
    directory.store(page("Fresh Title Trust"))
    assert names(search("fresh titel")) == ["Fresh Title Trust"]
    assert search("old name") == []
    directory.store(InstitutionPage(institutions=(), removed=("plaid:1",), next_after=2, has_more=False))
    assert search("fresh title") == []


def test_the_index_is_made_again_where_it_is_missing(banks: None) -> None:
    drop = {
        "postgresql": ["DROP INDEX institution_letters", "DROP INDEX institution_nearest"],
        "sqlite": ["DROP TABLE connections_institution_letters"],
    }[database.vendor]
    with database.cursor() as cursor:
        for statement in drop:
            cursor.execute(statement)
    index().prepare()
    index().prepare()
    assert names(search("belfuis")) == ["Belfius Bank"]


def test_a_directory_from_before_is_made_findable_by_the_migration(banks: None) -> None:
    directory.count_banks()
    counted = DirectoryCursor.objects.values("banks", "banks_by_country").get()
    Institution.objects.update(bank="", folded="", country_codes="")
    DirectoryCursor.objects.update(banks=0, banks_by_country={})
    fill = import_module("connections.migrations.0007_banks_are_findable").fill
    fill(apps, SimpleNamespace(connection=database))
    index().keep(list(Institution.objects.all()))
    assert names(search("sonderjylland")) == ["Sønderjylland Sparekasse"]
    assert DirectoryCursor.objects.values("banks", "banks_by_country").get() == counted
    assert counted["banks_by_country"] == {"BE": 2, "NL": 2, "FR": 1, "DK": 1, "US": 1, "CA": 1}


def test_without_the_right_to_make_the_index_banks_are_found_by_the_letters_typed(
    banks: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("DROP EXTENSION pg_trgm CASCADE")
            cursor.execute("CREATE ROLE somebody_without_rights")
            cursor.execute("SET LOCAL ROLE somebody_without_rights")
            index().prepare()
            cursor.execute("RESET ROLE")
        assert "CREATE EXTENSION pg_trgm" in caplog.text
    else:
        monkeypatch.setattr("connections.search.index", lambda: SearchIndex("default"))
    assert names(search("kbc be")) == ["KBC Bank"]
    assert names(search("credit agricole")) == ["Crédit Agricole du Nord"]
    assert search("belfuis") == []


@pytest.fixture
def registered() -> list[str]:
    """Two thousand true banks' names of some countries, in the directory."""
    wanted = {"BE", "DE", "FR", "DK", "PL", "GB"}
    found = sorted({(bank.country_code, bank.name) for bank in registry.get_all_banks() if bank.country_code in wanted})
    chosen = random.Random(7).sample(found, 2000)
    rows = [Institution(identifier=f"plaid:{n}", name=name, country=code) for n, (code, name) in enumerate(chosen)]
    for row in rows:
        row.make_findable()
    index().keep(Institution.objects.bulk_create(rows))
    return [name for _code, name in chosen]


def mistyped(name: str, *, chance: random.Random) -> str:
    """The name with one letter lost, doubled, changed or swapped with the next one."""
    at = chance.randrange(len(name) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    if kind == 2:
        return name[:at] + "x" + name[at + 1 :]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def test_every_bank_is_found_by_its_name_and_most_by_a_mistyped_one(registered: list[str]) -> None:
    chance = random.Random(11)
    some = chance.sample([name for name in registered if len(name) >= 6], 150)
    lost = [name for name in some if name not in names(search(name, limit=FIRST))]
    assert lost == []
    typed = [(name, mistyped(name, chance=chance)) for name in some]
    found = [name for name, text in typed if name in names(search(text, limit=FIRST))]
    assert len(found) >= TYPOS_FOUND * len(some), len(found) / len(some)


@pytest.mark.parametrize("typed", ["bank", "b", "sparkasse de", "zzyzzx", "kbc belgium", "BE71096123456769"])
def test_a_search_costs_a_handful_of_queries_however_many_banks_there_are(registered: list[str], typed: str) -> None:
    with CaptureQueriesContext(database) as captured:
        search(typed)
    # Literally, with a country, the nearest (PostgreSQL is asked once more whether it can tell), and the rows.
    assert len(captured) <= 5


def test_two_letters_alone_are_the_beginning_of_a_name_and_not_a_country() -> None:
    assert [reading.countries for reading in understand("be").readings] == [frozenset()]
    assert understand("kbc be").readings[1].countries == {"BE"}
