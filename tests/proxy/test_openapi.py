"""The document at ``/v1/openapi.json``: the neutral types, once, and every verb that the client has."""

from __future__ import annotations

import requests
from jsonschema import Draft202012Validator

from providers.client import ProxyClient
from providers.types import TransactionData
from tests.proxy import contract


def test_it_is_served_to_anyone(site: str) -> None:
    answer = requests.get(f"{site}/v1/openapi.json", timeout=10)
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert answer.json()["components"] == contract.document()["components"]


def test_every_verb_of_the_client_is_in_it() -> None:
    operations = {
        operation["operationId"]: operation
        for methods in contract.document()["paths"].values()
        for operation in methods.values()
    }
    verbs = {name for name in vars(ProxyClient) if not name.startswith("_")}
    assert verbs - {"status"} | {"client_status"} == set(operations)
    for name, operation in operations.items():
        assert ("security" in operation) == (name not in {"register", "come_back", "institutions"})


def test_the_neutral_types_are_its_answers() -> None:
    schemas = contract.document()["components"]["schemas"]
    assert set(schemas["TransactionData"]["properties"]) == set(TransactionData.__struct_fields__)
    assert schemas["TransactionData"]["properties"]["amount"] == {"type": "string", "format": "decimal"}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
