"""Every answer of ``/v1`` against the proxy's own OpenAPI document."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import requests
from jsonschema import Draft202012Validator

from proxy.api import api

REFERENCE = re.compile("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


@cache
def document() -> dict[str, Any]:
    """The document as it is served."""
    served: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/v1/")))
    return served


def check(response: requests.Response, **_: Any) -> None:
    """Fails unless the answer has a reference and the shape the document promises for this verb."""
    assert REFERENCE.fullmatch(response.headers.get("Banksync-Reference", "")), response.headers
    method, path = str(response.request.method).lower(), response.request.path_url.partition("?")[0]
    operation = _operation(method, path)
    if operation is None:
        assert response.status_code == 404
        schema: dict[str, Any] = {"$ref": "#/components/schemas/ErrorEnvelope"}
    else:
        answers = operation["responses"]
        answer = answers.get(str(response.status_code), answers["default"])
        schema = answer["content"]["application/json"]["schema"]
    whole = {**schema, "components": document()["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(response.json())
    if response.status_code != 200:
        assert response.json()["error"]["reference"] == response.headers["Banksync-Reference"]


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in document()["paths"].items():
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) and method in operations:
            found: dict[str, Any] = operations[method]
            return found
    return None
