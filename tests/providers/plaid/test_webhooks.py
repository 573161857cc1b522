"""What Plaid tells by itself: each row of the table, and each way in which it is not Plaid's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import InvalidResponse, RateLimited, Unreachable, WebhookRefused
from providers.plaid import webhooks
from providers.plaid.adapter import PlaidAdapter
from providers.plaid.webhooks import KINDS, LOOK_UPS_PER_MINUTE, Claims
from tests.providers.plaid.notices import OTHER_KEY, notice, proof, published
from tests.providers.plaid.wire_plaid import WirePlaid, failure
from tests.providers.wire import HANG_UP

URL = "https://proxy.example/webhooks/plaid"
KEYS = "/webhook_verification_key/get"
LOGIN = {"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED", "error_message": "m"}
ENDS = "2026-12-24T15:00:00Z"
SHA = "0" * 64


@pytest.fixture
def keyed(plaid: WirePlaid) -> WirePlaid:
    plaid.on(KEYS, published())
    return plaid


def told(body: bytes) -> list[tuple[str, str, dict[str, str]]]:
    found = webhooks.events(body, Claims(iat=1_767_225_600, request_body_sha256=SHA))
    return [(event.provider_reference, event.kind, dict(event.detail)) for event in found]


@pytest.mark.parametrize(
    ("body", "kind", "detail"),
    [
        (notice(initial_update_complete=True, historical_update_complete=True), "transactions_available", {}),
        (notice("LOGIN_REPAIRED", kind="ITEM"), "connection_repaired", {}),
        (
            notice("PENDING_EXPIRATION", kind="ITEM", consent_expiration_time=ENDS),
            "consent_expiring",
            {"expires_at": "2026-12-24T15:00:00+00:00"},
        ),
        (
            notice("PENDING_DISCONNECT", kind="ITEM", reason="INSTITUTION_MIGRATION", disconnect_time=ENDS),
            "consent_expiring",
            {"expires_at": "2026-12-24T15:00:00+00:00", "reason": "INSTITUTION_MIGRATION"},
        ),
        (notice("USER_PERMISSION_REVOKED", kind="ITEM", error=None), "connection_revoked", {}),
        (notice("USER_ACCOUNT_REVOKED", kind="ITEM", account_id="a"), "accounts_changed", {}),
        (notice("NEW_ACCOUNTS_AVAILABLE", kind="ITEM"), "accounts_changed", {}),
        (
            notice("ERROR", kind="ITEM", error=LOGIN),
            "credentials_needed",
            {"message": "The bank asks for a new sign-in: update the credentials."},
        ),
        (
            notice("ERROR", kind="ITEM", error={**LOGIN, "error_code": "ITEM_NOT_FOUND"}),
            "connection_revoked",
            {"message": "The connection no longer exists at the provider."},
        ),
    ],
)
def test_a_row_of_the_table(body: bytes, kind: str, detail: dict[str, str]) -> None:
    assert told(body) == [("item-1", kind, detail)]


def test_every_row_of_the_table_has_its_test() -> None:
    rows = test_a_row_of_the_table.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {kind for _, kind, _ in rows} >= set(KINDS.values())


@pytest.mark.parametrize(
    "body",
    [
        notice("DEFAULT_UPDATE", new_transactions=3),
        notice("INITIAL_UPDATE"),
        notice("HISTORICAL_UPDATE"),
        notice("TRANSACTIONS_REMOVED", removed_transactions=["t"]),
        notice("WEBHOOK_UPDATE_ACKNOWLEDGED", kind="ITEM", new_webhook_url=URL),
        notice("ERROR", kind="ITEM", error={"error_type": "INSTITUTION_ERROR", "error_code": "INSTITUTION_DOWN"}),
        notice("SESSION_FINISHED", kind="LINK", item_id="", status="SUCCESS", public_tokens=["p"]),
        notice("TOMORROW_S_NEWS", kind="NOVELTY"),
    ],
)
def test_what_needs_nothing_is_no_event(body: bytes) -> None:
    assert told(body) == []


def test_a_proven_message(keyed: WirePlaid, adapter: PlaidAdapter) -> None:
    body = notice()
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    (event,) = adapter.webhook(proof(body, at=now), body, url=URL)
    assert (event.provider_reference, event.kind, event.at) == ("item-1", "transactions_available", now)


def test_the_same_message_twice_has_one_key_and_tomorrow_s_has_another(keyed: WirePlaid, adapter: PlaidAdapter) -> None:
    body, now = notice(), dt.datetime.now(dt.UTC)
    moments = (now, now, now - dt.timedelta(minutes=2))
    keys = [adapter.webhook(proof(body, at=at), body, url=URL)[0].key for at in moments]
    assert keys[0] == keys[1] != keys[2]
    assert len(keys[0]) <= 255


def _reformatted(body: bytes) -> bytes:
    return body.replace(b"\n", b"")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, notice()),
        ({"plaid-verification": "nonsense"}, notice()),
        (proof(notice(), alg="HS256"), notice()),
        (proof(notice(), alg="none"), notice()),
        (proof(notice(), key=OTHER_KEY), notice()),
        (proof(notice()), _reformatted(notice())),
        (proof(notice(), at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)), notice()),
        (proof(notice(), at=dt.datetime(2126, 1, 1, tzinfo=dt.UTC)), notice()),
        (proof(notice(), iat="now"), notice()),
        (proof(notice(), request_body_sha256="ä"), notice()),
    ],
)
def test_what_is_not_proven_is_refused(
    keyed: WirePlaid, adapter: PlaidAdapter, headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(WebhookRefused):
        adapter.webhook(headers, body, url=URL)


def test_a_key_is_asked_for_once_an_hour(keyed: WirePlaid, adapter: PlaidAdapter) -> None:
    with time_machine.travel(dt.datetime(2026, 6, 1, tzinfo=dt.UTC)) as clock:
        for minutes in (0, 30, 31):
            adapter.webhook(proof(notice()), notice(), url=URL)
            clock.shift(dt.timedelta(minutes=minutes))
        adapter.webhook(proof(notice()), notice(), url=URL)
    assert len(keyed.calls(KEYS)) == 2


def test_a_key_that_is_no_longer_in_use_proves_nothing(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on(KEYS, published(expired_at=1_560_466_151))
    with pytest.raises(WebhookRefused):
        adapter.webhook(proof(notice()), notice(), url=URL)


def test_a_key_plaid_does_not_know_proves_nothing(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on(KEYS, failure("INVALID_FIELD", error_type="INVALID_REQUEST"))
    with pytest.raises(WebhookRefused):
        adapter.webhook(proof(notice(), kid="made-up"), notice(), url=URL)


def test_made_up_keys_are_not_looked_up_without_end(keyed: WirePlaid, adapter: PlaidAdapter) -> None:
    adapter.webhook(proof(notice()), notice(), url=URL)
    keyed.on(KEYS, failure("INVALID_FIELD", error_type="INVALID_REQUEST"))
    refusals: list[type[Exception]] = []
    for number in range(LOOK_UPS_PER_MINUTE + 5):
        with pytest.raises((WebhookRefused, RateLimited)) as caught:
            adapter.webhook(proof(notice(), kid=f"made-up-{number}"), notice(), url=URL)
        refusals.append(caught.type)
    assert len(keyed.calls(KEYS)) == LOOK_UPS_PER_MINUTE
    assert refusals[-1] is RateLimited
    assert adapter.webhook(proof(notice()), notice(), url=URL)


def test_a_message_whose_key_cannot_be_had_now_is_to_be_sent_again(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on(KEYS, HANG_UP)
    with pytest.raises(Unreachable):
        adapter.webhook(proof(notice()), notice(), url=URL)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
    st.sampled_from(["webhook_type", "webhook_code", "item_id", "error", "consent_expiration_time", "reason"]),
)
def test_any_body_is_a_value_or_not_understood(value: Any, field: str) -> None:
    try:
        found = told(notice("PENDING_EXPIRATION", kind="ITEM", **{"error": LOGIN, field: value}))
    except InvalidResponse as error:
        assert "$" in str(error) or "JSON" in str(error)
    else:
        assert len(found) <= 1
