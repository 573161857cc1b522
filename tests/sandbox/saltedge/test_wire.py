"""What every route of Salt Edge does: keys, signatures, pages, errors, and another page for what is not there."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client

from foundation import development_keys
from providers.saltedge.signing import signer
from sandbox.conditions import faults
from tests.sandbox.saltedge.conftest import KEYS, Caller, sign

TARGET = "http://testserver/saltedge/api/v6/customers"
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)


def refused(salt: Caller, headers: dict[str, str]) -> tuple[int, str]:
    answer = salt.ask("GET", "/customers", headers=headers)
    return answer.status, answer.body["error"]["class"]


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        ("App-id", "AppIdNotProvided"),
        ("Secret", "SecretNotProvided"),
        ("Signature", "MissingSignature"),
        ("Expires-at", "MissingExpiresAt"),
    ],
)
def test_a_request_without_its_headers_is_refused(salt: Caller, missing: str, name: str) -> None:
    headers = {**KEYS, **sign("GET", TARGET, b"")}
    del headers[missing]
    assert refused(salt, headers)[1] == name


def test_wrong_keys_are_refused(salt: Caller) -> None:
    assert refused(salt, {**KEYS, "Secret": "wrong", **sign("GET", TARGET, b"")}) == (404, "ApiKeyNotFound")


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", TARGET, b""),
        ("GET", f"{TARGET}?per_page=5", b""),
        ("GET", TARGET, b"{}"),
        ("GET", TARGET.replace("http:", "https:"), b""),
    ],
)
def test_a_signature_of_something_else_is_refused(salt: Caller, method: str, url: str, body: bytes) -> None:
    assert refused(salt, {**KEYS, **sign(method, url, body)}) == (400, "SignatureNotMatch")


def test_a_stranger_s_signature_is_refused(salt: Caller) -> None:
    assert refused(salt, {**KEYS, **signer(STRANGER.decode())("GET", TARGET, b"")})[1] == "SignatureNotMatch"
    assert refused(salt, {**KEYS, **sign("GET", TARGET, b""), "Signature": "é"})[1] == "SignatureNotMatch"


@pytest.mark.parametrize(
    ("seconds", "name"), [(-1, "RequestExpired"), (3700, "ExpiresAtInvalid"), (None, "ExpiresAtInvalid")]
)
def test_a_request_of_another_time_is_refused(salt: Caller, seconds: int | None, name: str) -> None:
    expires = "soon" if seconds is None else str(int(time.time()) + seconds)
    assert refused(salt, {**KEYS, **sign("GET", TARGET, b""), "Expires-at": expires})[1] == name


def test_the_query_is_signed_as_it_is_written(salt: Caller) -> None:
    assert salt("GET", "/customers?per_page=10&identifier=a%20b%2Bc")["data"] == []


def test_what_is_no_route_is_a_page(client: Client, db: None) -> None:
    for target in ("/saltedge/api/v6/nothing", "/saltedge/api/v5/customers", "/saltedge/"):
        answer = client.get(target)
        assert (answer.status_code, answer["Content-Type"]) == (404, "text/html")
    assert client.put("/saltedge/api/v6/customers").status_code == 404


def test_an_error_echoes_the_request_and_names_its_page(salt: Caller) -> None:
    answer = salt.ask("POST", "/customers", data={"identifier": ""})
    assert answer.status == 400
    assert answer.body["request"] == {"data": {"identifier": ""}}
    error = answer.body["error"]
    assert error["class"] == "WrongRequestFormat"
    assert error["documentation_url"].endswith("#errors-wrong_request_format")


def test_a_body_that_is_no_json_is_told(client: Client, db: None) -> None:
    body = b"{"
    headers = {**KEYS, **sign("POST", TARGET, body)}
    path = "/saltedge/api/v6/customers"
    answer = client.post(path, body, content_type="application/json", headers=headers)
    assert answer.json()["error"]["class"] == "JsonParseError"


def test_an_error_in_the_shape_of_older_versions(salt: Caller) -> None:
    faults.arm(faults.ProviderError(route="/customers", error_type="flat", error_code="ClientDisabled", status=403))
    answer = salt.ask("GET", "/customers")
    assert (answer.status, answer.body["error_class"]) == (403, "ClientDisabled")
    assert "error" not in answer.body


# --- customers and pages ---------------------------------------------------------------------------------------------
def test_customers_are_made_once_listed_in_pages_and_removed(salt: Caller) -> None:
    made = [salt("POST", "/customers", identifier=f"holder-{number}")["data"] for number in range(5)]
    assert len({each["customer_id"] for each in made}) == 5
    assert all(len(each["customer_id"]) == 19 for each in made)
    assert salt.error("POST", "/customers", identifier="holder-3") == (409, "DuplicatedCustomer")
    first = salt("GET", "/customers?per_page=2&identifier=holder-4")
    assert [each["identifier"] for each in first["data"]] == ["holder-0", "holder-1"]
    following = first["meta"]["next_id"]
    assert following == made[2]["customer_id"]
    assert f"from_id={following}" in first["meta"]["next_page"]
    rest = salt("GET", f"/customers?per_page=1000&from_id={following}")
    assert [each["identifier"] for each in rest["data"]] == ["holder-2", "holder-3", "holder-4"]
    assert rest["meta"] == {"next_id": None, "next_page": None}
    number = made[0]["customer_id"]
    assert salt("DELETE", f"/customers/{number}")["data"] == {"deleted": True, "customer_id": number}
    assert salt.error("GET", f"/customers/{number}") == (404, "CustomerNotFound")


@pytest.mark.parametrize("wanted", ["0", "1001", "x", "-1"])
def test_a_page_has_between_one_and_a_thousand_rows(salt: Caller, wanted: str) -> None:
    assert salt.error("GET", f"/customers?per_page={wanted}") == (400, "ValueOutOfRange")


def test_old_customers_have_an_id_and_a_secret(salt: Caller) -> None:
    faults.arm(faults.Shape(route="/customers", name="old_customer"))
    told = salt("POST", "/customers", identifier="holder-1")["data"]
    assert told["id"]
    assert "customer_id" not in told


# --- the directory ---------------------------------------------------------------------------------------------------
def test_the_directory_by_country_and_with_its_details(salt: Caller) -> None:
    page = salt("GET", "/providers?country_code=LU&per_page=1000")
    assert page["data"]
    assert {each["country_code"] for each in page["data"]} == {"LU"}
    assert "max_consent_days" not in page["data"][0]
    told = salt("GET", "/providers/booked_holds_bank_nl?include_ais_fields=true")["data"]
    assert told["custom_pendings_period"] == 14
    assert told["timezone"] == "Europe/Amsterdam"
    assert salt.error("GET", "/providers/no_bank_nl") == (404, "ProviderNotFound")


def test_salt_edge_s_own_pretend_banks_are_listed_when_asked_for(salt: Caller) -> None:
    codes = {each["code"] for each in salt("GET", "/providers?country_code=XF")["data"]}
    assert {"fakebank_simple_xf", "fake_interactive_client_xf"} <= codes


# --- the widget ------------------------------------------------------------------------------------------------------
def wanted(**changes: Any) -> dict[str, Any]:
    good = {
        "consent": {"scopes": ["accounts", "transactions"], "from_date": time.strftime("%Y-%m-%d")},
        "attempt": {"return_to": "https://app.example/back?state=x"},
        "provider": {"code": "quiet_bank_nl"},
        "return_connection_id": True,
    }
    return {**good, **changes}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"consent": {"scopes": ["accounts"]}}, "WrongRequestFormat"),
        ({"consent": {"scopes": ["account_details"], "from_date": "2026-01-01"}}, "WrongRequestFormat"),
        ({"consent": {"scopes": ["accounts"], "from_date": "2020-01-01"}}, "InvalidAispConsentFromDate"),
        ({"attempt": {"fetch_from_date": "2020-01-01"}}, "DateOutOfAispConsentRange"),
        ({"attempt": {"custom_fields": {"x": "y" * 1100}}}, "CustomFieldsSizeTooBig"),
        ({"attempt": {"return_to": "https://x.example/" + "y" * 2040}}, "WrongRequestFormat"),
        ({"provider": {"code": "no_bank_nl"}}, "ProviderNotFound"),
        ({"customer_id": "5"}, "CustomerNotFound"),
    ],
)
def test_a_widget_that_is_asked_for_wrongly_is_refused(salt: Caller, changes: dict[str, Any], name: str) -> None:
    customer = salt("POST", "/customers", identifier="holder-1")["data"]["customer_id"]
    body = {"customer_id": customer, **wanted(), **changes}
    assert salt.error("POST", "/connections/connect", **body)[1] == name


def test_only_what_was_asked_for_is_added_to_the_way_back(salt: Caller, client: Client) -> None:
    customer = salt("POST", "/customers", identifier="holder-1")["data"]["customer_id"]
    for flag in (True, False):
        body = {"customer_id": customer, **wanted(return_connection_id=flag)}
        url = salt("POST", "/connections/connect", **body)["data"]["connect_url"]
        client.post(url, {"action": "sign_in", "user": "ada", "password": "x"})
        address = client.post(url, {"action": "approve", "account": "quiet_bank.1"})["Location"]
        assert address.startswith("https://app.example/back?state=x")
        assert ("&connection_id=1" in address) is flag
        assert client.get(url).status_code == 410


def test_a_widget_without_a_bank_lets_one_be_chosen(salt: Caller, client: Client) -> None:
    customer = salt("POST", "/customers", identifier="holder-1")["data"]["customer_id"]
    body = {"customer_id": customer, **wanted(provider={}, attempt={})}
    url = salt("POST", "/connections/connect", **body)["data"]["connect_url"]
    assert b"quiet_bank_nl" in client.get(f"{url}&q=quiet").content
    assert client.post(url, {"action": "choose", "provider": "no_bank"}).status_code == 404
    client.post(url, {"action": "choose", "provider": "quiet_bank_nl"})
    assert b"Sign in" in client.get(url).content
    assert client.post(url, {"action": "cancel"})["Location"].endswith("/connect/finished")
    assert client.get("/saltedge/connect/finished").status_code == 200


def test_the_keys_of_development_are_two_pairs() -> None:
    assert development_keys.SALTEDGE_CLIENT_PUBLIC != development_keys.SALTEDGE_CALLBACK_PUBLIC
