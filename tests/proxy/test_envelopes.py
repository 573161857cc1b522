"""Every answer has a reference, every failure of ``/v1`` its envelope, and every exchange of a client its audit."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests

from providers.client import ProxyClient
from providers.errors import FeedError
from proxy.models import AuditEntry, Institution
from proxy.references import new_reference
from tests.providers.plaid.wire_plaid import WirePlaid
from tests.proxy import contract
from tests.proxy.conftest import make_institution, start


def test_a_reference_can_be_read_out_and_does_not_repeat() -> None:
    made = {new_reference() for _ in range(2000)}
    assert len(made) == 2000
    assert all(contract.REFERENCE.fullmatch(each) for each in made)


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/v1/nothing/here", {}, 404, "not_found"),
        ("DELETE", "/v1/client", {}, 405, "bad_request"),
        ("GET", "/v1/client", {}, 401, "signature_invalid"),
        ("POST", "/v1/clients", {"json": {"name": 5}}, 422, "bad_request"),
        ("POST", "/v1/clients", {"data": b"{broken"}, 422, "bad_request"),
        ("POST", "/v1/clients", {"data": b"\xff\xfe"}, 422, "bad_request"),
        ("POST", "/v1/clients", {"data": b"x" * 300_000}, 422, "bad_request"),
        ("GET", "/v1/client?x=" + "%ff", {}, 401, "signature_invalid"),
    ],
)
def test_every_failure_has_its_envelope(
    site: str, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = requests.request(method, site + path, timeout=10, **options)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["reference"] == answer.headers["Banksync-Reference"]
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "x" * 100 not in answer.text


@pytest.mark.parametrize("path", ["/", "/nothing", "/return/nobody", "/health/live", "/health/ready"])
def test_also_what_is_not_v1_has_a_reference(site: str, path: str) -> None:
    answer = requests.get(site + path, timeout=10)
    assert contract.REFERENCE.fullmatch(answer.headers["Banksync-Reference"])
    assert answer.status_code == (200 if path.startswith("/health") else 404)


def test_what_nobody_foresaw_is_logged_under_its_reference_and_told_as_a_sentence(
    proxy: ProxyClient, plaid: WirePlaid, caplog: pytest.LogCaptureFixture
) -> None:
    make_institution()
    Institution.objects.update(data="{this was broken by hand")
    with pytest.raises(FeedError) as caught:
        start(proxy, plaid)
    assert (caught.value.code, caught.value.action) == ("internal", "contact_support")
    assert "broken by hand" not in caught.value.message
    (record,) = [record for record in caplog.records if record.exc_info]
    assert caught.value.reference in record.getMessage()


def test_a_wrong_field_is_named_in_one_sentence(site: str) -> None:
    body = {"subscription_code": "", "phone_number": "1", "name": "n", "public_key": "k"}
    answer = requests.post(f"{site}/v1/clients", json=body, timeout=10).json()["error"]
    assert answer["message"].startswith("The request was not understood: subscription_code: ")


def test_the_log_names_each_exchange_and_not_what_was_asked(
    proxy: ProxyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(FeedError):
        proxy.transactions("some-reference", "an-account", position="a-position")
    lines = [record.getMessage() for record in caplog.records if record.name == "proxy.middleware"]
    assert lines[-1].startswith(f"{proxy.last_reference} GET /v1/connections/some-reference/transactions 404")
    assert "a-position" not in caplog.text


def test_the_audit_knows_who_asked_what(proxy: ProxyClient, site: str) -> None:
    with pytest.raises(FeedError):
        proxy.accounts("nothing")
    requests.get(f"{site}/v1/client", timeout=10)
    entries = AuditEntry.objects.order_by("id").values_list("verb", "status_code", "reference")
    assert [(verb, status) for verb, status, _ in entries] == [
        ("POST /v1/clients", 200),
        ("POST /v1/client/phone-code", 200),
        ("POST /v1/client/phone-code/confirm", 200),
        ("GET /v1/connections/nothing/accounts", 404),
    ]
    assert entries[3][2] == proxy.last_reference
    assert str(AuditEntry.objects.last().client_id) == proxy.client_id  # type: ignore[union-attr]
