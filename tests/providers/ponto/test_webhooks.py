"""Ponto's messages: proven by a signed token over the very bytes, or refused."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from providers.errors import InvalidResponse, ProviderDown, WebhookRefused
from providers.ponto import webhooks
from providers.ponto.adapter import PontoAdapter
from providers.ponto.errors import ApiError
from providers.types import EventKind
from tests.providers.ponto import payload
from tests.providers.ponto.wire_ponto import WirePonto
from tests.providers.wire import Said

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = "GET /webhooks/keys"
URL = "https://proxy.example/webhooks/ponto"
BODY = payload("webhook")


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def published(
    kid: str = "k-1", key: rsa.RSAPrivateKey = KEY, *, use: str = "sig", status: str = "ACTIVE"
) -> dict[str, str]:
    """A key as Ponto publishes it, with the padding that the standard does without."""
    numbers = key.public_key().public_numbers()
    n, e = (
        base64.urlsafe_b64encode(each.to_bytes(size, "big")).decode()
        for each, size in ((numbers.n, 256), (numbers.e, 3))
    )
    return {"kty": "RSA", "use": use, "status": status, "kid": kid, "n": n, "e": e}


def token(
    body: bytes = BODY, *, alg: str = "RS512", kid: str = "k-1", key: rsa.RSAPrivateKey = KEY, **changes: Any
) -> str:
    now = int(dt.datetime.now(dt.UTC).timestamp())
    claims = {
        "iss": "https://api.ibanity.com",
        "aud": "application-1",
        "iat": now,
        "exp": now + 60,
        "jti": "j-1",
        "digest": base64.b64encode(hashlib.sha512(body).digest()).decode(),
        **changes,
    }
    signed = f"{text(msgspec.json.encode({'alg': alg, 'kid': kid}))}.{text(msgspec.json.encode(claims))}"
    return f"{signed}.{text(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA512()))}"


@pytest.fixture
def keys(ponto: WirePonto) -> WirePonto:
    ponto.on(KEYS, {"keys": [published()]})
    return ponto


def test_a_message_becomes_an_event_of_its_organization(keys: WirePonto, adapter: PontoAdapter) -> None:
    (event,) = adapter.webhook({"Signature": token()}, BODY, url=URL)
    assert event.provider_reference == "9315d6b3-9b0c-4a8e-8c55-2f1f4f0f3b9e"
    assert event.kind == "transactions_available"
    assert event.key == "ponto:3465fd2f-2f1f-4b6b-bb0c-6f8d3f4ac0a5"
    assert event.at == dt.datetime(2023, 8, 10, 12, 24, 42, 224000, tzinfo=dt.UTC)
    assert event.detail == {
        "reason": "account.transactionsCreated",
        "account": "1d89d411-52b0-4c3d-8b6f-1a7b2b5d7f10",
    }
    adapter.webhook({"Signature": token(aud=["other", "application-1"])}, BODY, url=URL)
    assert len(keys.seen(KEYS)) == 1


def seconds(ahead: int) -> float:
    """A moment as tokens write it, so many seconds from now."""
    return dt.datetime.now(dt.UTC).timestamp() + ahead


@pytest.mark.parametrize(
    # Made when the test runs: a token is good for a short time only, and collecting tests may take longer.
    ("make", "words"),
    [
        (lambda: "", "not a token"),
        (lambda: "a.b.c", "not written|cannot be read"),
        (lambda: token(alg="RS256"), "not made with RS512"),
        (lambda: token(alg="none"), "not made with RS512"),
        (lambda: token(key=STRANGER), "signature"),
        (lambda: token(kid="k-2"), "not signed with a key of theirs"),
        (lambda: token(iss="https://evil.example"), "another one issued it"),
        (lambda: token(aud="application-2"), "another application"),
        (lambda: token(aud=[]), "another application"),
        (lambda: token(exp=seconds(-60)), "time is over"),
        (lambda: token(iat=seconds(600), exp=seconds(660)), "time has not come"),
        (lambda: token(b"other"), "another message"),
        (lambda: token(digest=hashlib.sha512(BODY).hexdigest()), "another message"),
        (lambda: token(digest="é"), "another message"),
        (lambda: token(digest=None), "cannot be read"),
    ],
)
def test_what_is_not_proven_is_refused(
    keys: WirePonto, adapter: PontoAdapter, make: Callable[[], str], words: str
) -> None:
    signature = make()
    with pytest.raises(WebhookRefused, match=words):
        adapter.webhook({"Signature": signature} if signature else {}, BODY, url=URL)


def test_clocks_may_differ_a_little(keys: WirePonto, adapter: PontoAdapter) -> None:
    now = dt.datetime.now(dt.UTC).timestamp()
    for signature in (token(exp=now - 20), token(iat=now + 20)):
        assert adapter.webhook({"Signature": signature}, BODY, url=URL)


@pytest.mark.parametrize(("use", "status"), [("enc", "ACTIVE"), ("sig", "REVOKED")])
def test_a_key_that_is_not_for_this_is_none(ponto: WirePonto, adapter: PontoAdapter, use: str, status: str) -> None:
    ponto.on(KEYS, {"keys": [published(use=use, status=status)]})
    with pytest.raises(WebhookRefused):
        adapter.webhook({"Signature": token()}, BODY, url=URL)


def test_a_new_key_is_looked_for_but_not_at_every_stranger_s_word(
    ponto: WirePonto, adapter: PontoAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ponto.on(KEYS, {"keys": [published()]}, {"keys": [published(), published("k-2", STRANGER)]})
    adapter.webhook({"Signature": token()}, BODY, url=URL)
    rotated = token(kid="k-2", key=STRANGER)
    with pytest.raises(WebhookRefused):
        adapter.webhook({"Signature": rotated}, BODY, url=URL)
    assert len(ponto.seen(KEYS)) == 1
    monkeypatch.setattr(webhooks, "SECONDS_BETWEEN_FETCHES", 0)
    assert adapter.webhook({"Signature": rotated}, BODY, url=URL)
    assert adapter.webhook({"Signature": token()}, BODY, url=URL)


def test_a_key_that_cannot_be_had_has_the_message_sent_again(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(KEYS, Said(status=503, body=b"<html>"))
    with pytest.raises(ProviderDown):
        adapter.webhook({"Signature": token()}, BODY, url=URL)


def test_a_proven_message_that_cannot_be_read(keys: WirePonto, adapter: PontoAdapter) -> None:
    with pytest.raises(InvalidResponse):
        adapter.webhook({"Signature": token(b"[]")}, b"[]", url=URL)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("account.detailsUpdated", "transactions_available"),
        ("account.transactionsUpdated", "transactions_available"),
        ("account.pendingTransactionsCreated", "transactions_available"),
        ("account.pendingTransactionsUpdated", "transactions_available"),
        ("account.reauthorized", "connection_repaired"),
        ("integration.accountAdded", "accounts_changed"),
        ("integration.accountRevoked", "accounts_changed"),
        ("integration.revoked", "connection_revoked"),
        ("organization.blocked", "credentials_needed"),
        ("organization.unblocked", "connection_repaired"),
        ("synchronization.failed", "credentials_needed"),
        ("synchronization.succeededWithoutChange", None),
        ("integration.created", None),
        ("paymentRequest.closed", None),
        ("ofNextYear", None),
    ],
)
def test_every_word_of_ponto(word: str, kind: EventKind | None) -> None:
    organization = webhooks.Related(webhooks.Identity("o-1"))
    told = webhooks.Message(
        type=f"pontoConnect.{word}",
        id="e-1",
        attributes=webhooks.Attributes(errors=[ApiError(code="authorizationInvalid")]),
        relationships=webhooks.Relations(organization=organization),
    )
    assert [each.kind for each in webhooks.event(told)] == ([kind] if kind else [])


def test_a_reading_that_failed_for_the_bank_s_reasons_wakes_nobody() -> None:
    organization = webhooks.Related(webhooks.Identity("o-1"))
    relations = webhooks.Relations(organization=organization)
    told = webhooks.Message(type="pontoConnect.synchronization.failed", id="e-1", relationships=relations)
    assert webhooks.event(told) == ()
