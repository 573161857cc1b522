"""Salt Edge's callbacks: each kind as its event, and what is not proven refused."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation import development_keys
from providers.base import ProviderEvent
from providers.errors import WebhookRefused
from providers.saltedge.adapter import SaltEdgeAdapter
from providers.saltedge.webhooks import events

BASE = "https://proxy.example/webhooks/saltedge"
TIME = "2025-01-03T13:00:28Z"


def signed(url: str, body: bytes) -> dict[str, str]:
    key = load_pem_private_key(development_keys.SALTEDGE_CALLBACK_PRIVATE.encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    signature = key.sign(url.encode() + b"|" + body, PKCS1v15(), hashes.SHA256())
    return {"Signature": base64.b64encode(signature).decode(), "Signature-key-version": "6.0"}


def callback(**data: Any) -> bytes:
    good = {"connection_id": "111", "customer_id": "222", "custom_fields": {"link": "abc"}, "stage": "finish"}
    return msgspec.json.encode({"data": {**good, **data}, "meta": {"version": "6", "time": TIME}})


def told(kind: str, body: bytes) -> tuple[ProviderEvent, ...]:
    url = f"{BASE}/{kind}"
    return events(signed(url, body), body, url=url, public_key=development_keys.SALTEDGE_CALLBACK_PUBLIC)


@pytest.mark.parametrize(
    ("address", "data", "kind", "reason"),
    [
        ("success", {}, "transactions_available", None),
        ("success", {"stage": "fetch_full"}, "transactions_available", None),
        ("success", {"connection_id": 111}, "transactions_available", None),
        ("failure", {"error_class": "InvalidCredentials"}, "credentials_needed", "InvalidCredentials"),
        ("failure", {"error_class": "AispConsentRevoked"}, "credentials_needed", "AispConsentRevoked"),
        ("failure", {"error_class": "InteractiveTimeout"}, "credentials_needed", "InteractiveTimeout"),
        ("failure", {"error_class": "ConnectionDisabled"}, "connection_revoked", "ConnectionDisabled"),
        ("destroy", {"stage": None}, "connection_revoked", None),
        ("", {}, "transactions_available", None),
        ("", {"error_class": "InvalidCredentials"}, "credentials_needed", "InvalidCredentials"),
    ],
)
def test_a_callback_becomes_its_event(address: str, data: dict[str, Any], kind: str, reason: str | None) -> None:
    (event,) = told(address, callback(**data))
    assert (event.provider_reference, event.kind) == ("111", kind)
    assert event.at == dt.datetime(2025, 1, 3, 13, 0, 28, tzinfo=dt.UTC)
    assert event.detail == ({"reason": reason} if reason else {})


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("success", {"stage": "fetch_accounts"}),
        ("success", {"stage": "fetch_recent"}),
        # The answer to a fetch, which comes back for it by itself.
        ("success", {"stage": "finish", "custom_fields": {"asked": True}}),
        # It finds the failure there too, and writes it down with all that is known of it.
        ("failure", {"error_class": "InvalidCredentials", "custom_fields": {"asked": True}}),
        ("failure", {"error_class": "ConnectionDisabled", "custom_fields": {"asked": True}}),
        ("success", {"connection_id": None}),
        ("failure", {"error_class": "ProviderUnavailable"}),
        ("failure", {"error_class": "ErrorOfNextYear"}),
        ("failure", {}),
        ("notify", {"stage": "interactive"}),
        ("provider_changes", {"connection_id": None, "provider_code": "first_bank_be"}),
    ],
)
def test_what_needs_nobody_is_no_event(address: str, data: dict[str, Any]) -> None:
    assert told(address, callback(**data)) == ()


def test_the_same_callback_twice_has_one_key_and_another_one_another() -> None:
    first, again, other = (told("success", callback(customer_id=number))[0] for number in ("222", "222", "223"))
    assert first.key == again.key != other.key


def test_what_is_not_signed_for_this_address_is_refused(adapter: SaltEdgeAdapter) -> None:
    url, body = f"{BASE}/success", callback()
    assert adapter.webhook(signed(url, body), body, url=url)
    refused: list[tuple[dict[str, str], bytes, str]] = [
        ({}, body, url),
        ({"Signature": "x"}, body, url),
        (signed(url, body), body + b" ", url),
        (signed(url, body), body, f"{BASE}/destroy"),
        (signed(url, b"no json"), b"no json", url),
        (signed(url, b'{"data":5}'), b'{"data":5}', url),
    ]
    for headers, content, address in refused:
        with pytest.raises(WebhookRefused):
            adapter.webhook(headers, content, url=address)


def test_without_salt_edge_s_key_nothing_is_believed() -> None:
    with pytest.raises(WebhookRefused):
        events(signed(BASE, callback()), callback(), url=BASE, public_key="")


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["connection_id", "stage", "error_class", "custom_fields"]),
        st.none() | st.integers() | st.text() | st.lists(st.integers(), max_size=2),
    )
)
def test_whatever_stands_in_a_signed_callback_it_is_events_or_a_refusal(data: dict[str, Any]) -> None:
    try:
        found = told("success", msgspec.json.encode({"data": data}))
    except (WebhookRefused, UnicodeEncodeError):
        return
    assert all(event.provider_reference for event in found)
