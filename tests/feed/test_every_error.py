"""Every error of every provider, met by a person, by the clock and after an event: state, words, button, next fetch."""

from __future__ import annotations

import dataclasses
import pprint
import re
from typing import Any

import pytest

from connections import wording
from providers.plaid import errors as plaid_errors
from providers.ponto import errors as ponto_errors
from providers.saltedge import errors as saltedge_errors
from tests.factories import make_user
from tests.feed import errors_expected as expected
from tests.feed.errors_expected import Row
from tests.feed.errors_walk import THEIR_WORDS, Seen, walk
from tests.feed.pretend import FarSide, connected
from tests.feed.test_fetching import fetch

pytestmark = pytest.mark.django_db

TRIGGERS = ("person", "clock", "event")
# The call of each provider that reads transactions.
READING = {"plaid": "/transactions/sync", "saltedge": "/transactions", "ponto": "/accounts/{id}/transactions"}
BANKS = {"plaid": "Quiet Bank", "saltedge": "saltedge Quiet Bank", "ponto": "ponto Quiet Bank"}
# Where an unknown error has to have a status that says nothing either.
NOTHING_SAID = 418
Case = tuple[list[dict[str, Any]], Row | None]


def told(route: str, code: str, *, kind: str = "", status: int = 400) -> dict[str, Any]:
    """The provider's own error object on a call, for as long as it is asked."""
    words = {"error_type": kind, "error_code": code, "error_message": THEIR_WORDS, "status": status}
    return {"kind": "plaid_error", "route": route, "times": 9, **words}


def cases(provider: str) -> dict[str, Case]:
    """Every failure of a provider by name: the faults that make it, and what people must see."""
    reading = READING[provider]
    tables = {"plaid": expected.PLAID, "saltedge": expected.SALTEDGE, "ponto": expected.PONTO}
    found: dict[str, Case] = {code: ([told(reading, code)], row) for code, row in tables[provider].items()}
    if provider == "plaid":
        for kind, row in expected.PLAID_TYPES.items():
            found[f"{kind}, any code"] = ([told(reading, "ANY_CODE", kind=kind)], row)
    if provider == "ponto":
        for status, row in expected.PONTO_STATUSES.items():
            found[f"HTTP {status}"] = ([told(reading, "anyCode", status=status)], row)
        for code, row in expected.PONTO_OAUTH.items():
            # The token is not taken, and its renewal fails.
            faults = [told(reading, "invalidToken", status=401), told("/oauth2/token", code, kind="oauth")]
            found[f"renewal: {code}"] = (faults, row)
    for kind, row in expected.EVERYWHERE.items():
        fault = {"kind": kind, "route": reading, "times": 9}
        found[kind] = ([told(reading, "SomethingNew", status=NOTHING_SAID) if kind == "unknown" else fault], row)
    return found


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("provider", list(BANKS))
def test_c21_c22_every_error_leads_to_its_state_its_words_its_button_and_its_next_fetch(
    far: FarSide, provider: str, trigger: str
) -> None:
    connection = connected(far, BANKS[provider])
    fetch(connection)
    person = make_user(company=connection.company)
    wrong = {}
    for name, (faults, row) in cases(provider).items():
        seen = walk(far, connection, person, trigger=trigger, faults=faults)
        found = dataclasses.replace(seen, said=tuple(_comparable(text) for text in seen.said))
        wanted = _wanted(name, row, provider=provider, is_attended=trigger == "person")
        if found != wanted:
            wrong[name] = {"found": found, "wanted": wanted}
    assert not wrong, pprint.pformat(wrong, width=140)


def _wanted(name: str, row: Row | None, *, provider: str, is_attended: bool) -> Seen:
    if row is None:
        return Seen(status="connected", said=(), offered=(), next_fetch="goes on")
    sentence, outcome = row
    sentence = sentence.format(provider=wording.PROVIDERS[provider])
    # What the sandbox says by itself is its own; what was put into its mouth is known.
    is_told_here = name not in expected.EVERYWHERE or name == "unknown"
    return outcome.seen(sentence, theirs=THEIR_WORDS if is_told_here else "", is_attended=is_attended)


def _comparable(text: str) -> str:
    """Without the moment, and without words that are the sandbox's own."""
    text = re.sub(r"(It can be read again from ).*( on\.)$", r"\1…\2", text)
    return text if THEIR_WORDS in text else re.sub(r" “.*”", "", text)


def test_no_error_of_a_provider_is_without_its_row() -> None:
    assert set(expected.PLAID) == set(plaid_errors.ERRORS)
    assert set(expected.PLAID_TYPES) == set(plaid_errors.ERRORS_BY_TYPE)
    assert set(expected.SALTEDGE) == set(saltedge_errors.ERRORS)
    assert set(expected.PONTO) == set(ponto_errors.ERRORS)
    assert set(expected.PONTO_OAUTH) == set(ponto_errors.OAUTH_ERRORS)
    # A token that is not taken is renewed: what comes of it stands among the renewals.
    assert set(expected.PONTO_STATUSES) | {401} == set(ponto_errors.BY_STATUS)
