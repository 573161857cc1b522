"""Routes of Plaid's directory of institutions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from sandbox.plaid import errors, items, render
from sandbox.plaid.requests import (
    CountryCode,
    InstitutionOptions,
    InstitutionsGet,
    InstitutionsGetById,
    InstitutionsSearch,
)
from sandbox.plaid.wire import Call, answers
from sandbox.world import directory
from sandbox.world.directory import Institution

# https://plaid.com/docs/api/institutions/#institutionssearch: ten at most, and no paging.
FOUND_AT_MOST = 10
PRODUCTS = frozenset({"transactions", "auth", "balance"})
COUNTRIES: frozenset[str] = frozenset(get_args(CountryCode))


@answers("/institutions/get", InstitutionsGet)
def institutions_get(call: Call, asked: InstitutionsGet) -> dict[str, Any]:
    options = asked.options or InstitutionOptions()
    banks = _matching(frozenset(asked.country_codes), options)
    page = banks[asked.offset : asked.offset + asked.count]
    return {"institutions": [_told(bank, options) for bank in page], "total": len(banks)}


@answers("/institutions/search", InstitutionsSearch)
def institutions_search(call: Call, asked: InstitutionsSearch) -> dict[str, Any]:
    options = asked.options or InstitutionOptions()
    if not _has_products(asked.products):
        return {"institutions": []}
    found = directory.search(asked.query, countries=frozenset(asked.country_codes), limit=FOUND_AT_MOST)
    return {"institutions": [_told(bank, options) for bank in found]}


@answers("/institutions/get_by_id", InstitutionsGetById)
def institutions_get_by_id(call: Call, asked: InstitutionsGetById) -> dict[str, Any]:
    bank = items.institution(asked.institution_id)
    if COUNTRIES.isdisjoint(bank.countries):
        raise errors.invalid_institution()
    return {"institution": _told(bank, asked.options or InstitutionOptions())}


def _matching(countries: frozenset[str], options: InstitutionOptions) -> tuple[Institution, ...]:
    """No bank here has a product but those above, or signs in by OAuth."""
    return directory.in_countries(countries) if _has_products(options.products) and not options.oauth else ()


def _has_products(products: Iterable[str] | None) -> bool:
    return PRODUCTS.issuperset(products or ())


def _told(bank: Institution, options: InstitutionOptions) -> dict[str, Any]:
    return render.institution(
        bank,
        countries=COUNTRIES,
        with_details=options.include_optional_metadata,
        with_status=options.include_status,
    )
