"""Lines of the log: what they are about, in both layouts, and what is never in them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from foundation import logs
from foundation.sealing import seal
from providers import signing


def record(message: str, *arguments: Any, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("app.room", logging.WARNING, "file.py", 1, message, arguments, None)
    made.__dict__.update(extra)
    return made


def line(message: str, *arguments: Any, **extra: Any) -> dict[str, Any]:
    """The line of JSON that is written."""
    found: dict[str, Any] = json.loads(logs.JsonFormatter("web").format(record(message, *arguments, **extra)))
    return found


def text(message: str, *arguments: Any, **extra: Any) -> str:
    return logs.TextFormatter("web").format(record(message, *arguments, **extra))


def test_a_line_of_json_says_when_how_bad_where_and_what() -> None:
    found = line("read %d pages", 3)
    assert {name: found[name] for name in ("level", "program", "logger", "message")} == {
        "level": "WARNING",
        "program": "web",
        "logger": "app.room",
        "message": "read 3 pages",
    }
    assert found["time"].endswith("Z")
    assert "\n" not in logs.JsonFormatter("web").format(record("two\nlines"))


def test_a_line_says_what_it_is_about() -> None:
    with logs.about(company=7, connection=9, run=None):
        assert {"company": "7", "connection": "9"}.items() <= line("x").items()
        with logs.about(run=11):
            logs.add(reference="7F3K-21QX")
            assert line("x")["run"] == "11"
            assert line("x")["reference"] == "7F3K-21QX"
            assert text("x").endswith("web app.room: x [reference=7F3K-21QX company=7 connection=9 run=11]")
            assert text("7F3K-21QX GET").endswith("7F3K-21QX GET [company=7 connection=9 run=11]")
        assert "run" not in line("x")
        assert line("x", reference="OTHR-0001")["reference"] == "OTHR-0001"
    assert "company" not in line("x")
    logs.begin(task="fetch[1]")
    assert line("x")["task"] == "fetch[1]"
    logs.end()
    assert "task" not in line("x")


def test_what_breaks_has_its_traceback_without_the_secret_in_it() -> None:
    try:
        raise ValueError("Bearer abcdefgh12345678")
    except ValueError:
        made = record("it broke")
        made.exc_info = logging.sys.exc_info()  # type: ignore[attr-defined]
    found = json.loads(logs.JsonFormatter("worker").format(made))
    assert "ValueError" in found["traceback"]
    assert "abcdefgh12345678" not in found["traceback"] + logs.TextFormatter("worker").format(made)


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("Authorization: Bearer abc.def-123456", "abc.def-123456"),
        ("answered with access-sandbox-8ab976e6-64bc", "8ab976e6"),
        ("link-production-1f2e3d was opened", "1f2e3d"),
        ('{"client_secret": "hush-hush"}', "hush-hush"),
        ("refresh_token=r3fr3sh&x=1", "r3fr3sh"),
        ("password: correct-horse", "correct-horse"),
        ("postgres://books:pa55word@db:5432/books", "pa55word"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvg\n-----END PRIVATE KEY-----", "MIIEvg"),
        ("account BE68539007547034 was closed", "BE6853900754"),
        ("account BE68 5390 0754 7034 was closed", "5390 0754"),
        ("https://proxy/v1/x?position=v1.c125d51c.AbC_d-9%3D", "AbC_d-9"),
        ("Bad Gateway: /renew/Zk3Yw-5uQ2c7_1Lr8sVtQxPbNdMfJhGa.0KfEe-91sQ/", "Zk3Yw-5uQ2c7"),
        ("Unprocessable Entity: /invitations/WzEsIm5vbmNlIl0:1vMabc:0KfEe-91sQ_2/", "0KfEe-91sQ_2"),
        ("Internal Server Error: /password/MQ/cvmh9x-0d5c0b8f0a7d4a4b8c1e2f3a4b5c6d7e/", "0d5c0b8f0a7d"),
        ("Not Found: /return/Zk3Yw-5uQ2c7_1Lr8sVtQxPbNd", "Zk3Yw-5uQ2c7"),
    ],
)
def test_what_must_stay_secret_is_blackened(said: str, secret: str) -> None:
    assert secret not in line("%s", said)["message"] + text(said)
    assert logs.MASK in text(said)


def test_this_site_s_own_secrets_are_blackened_whatever_they_look_like(settings: Settings) -> None:
    settings.SECRET_KEY = "plain words of a key"
    settings.SEALING_KEYS = ["first of the keys", "second of the keys"]
    settings.PROVIDERS = {"plaid": {"secret": "canary-plaid-secret", "url": "https://plaid.example"}}
    settings.METRICS_TOKEN, settings.SUBSCRIPTION_CODE = "canary metrics", "canary subscription"
    settings.MESSAGE_GATEWAY = {"url": "https://sms.example", "token": "App canary-gateway"}
    said = "plain words of a key, second of the keys, canary-plaid-secret, https://plaid.example"
    assert line(said)["message"] == f"{logs.MASK}, {logs.MASK}, {logs.MASK}, https://plaid.example"
    assert line("canary metrics, canary subscription, App canary-gateway")["message"] == ", ".join([logs.MASK] * 3)
    sealed = seal(signing.generate_private_key(), row="registration:1")
    assert sealed.split(".")[2][:10] not in text(f"the row holds {sealed}")


@pytest.mark.parametrize(
    "said",
    [
        "7F3K-21QX GET /v1/connections/CkHOsvEwG3-_qhq5M05Ar3x7SqSAqhPw/accounts 200 14 ms",
        "Plaid refused the secret of 12: the sign-in ended",
        "Method Not Allowed: /settings/invitations/12/withdraw/",
        "Not Found: /password/forgotten/sent/",
        "statements.tasks.sync_connection[5f1c] succeeded in 0.2s: None",
        "connection 4: fetched 2026-11-22, 412 lines, client 7d0c5cf4-0b1e-4f6e-9a0e-7a5b8a3f9f10",
    ],
)
def test_what_is_no_secret_stays(said: str) -> None:
    assert line("%s", said)["message"] == said


def test_a_layout_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ImproperlyConfigured, match="“yaml”: set LOG_FORMAT to text or json"):
        logs.config("web", level="INFO", layout="yaml")
    assert logs.config("web", level="INFO", layout="json")["formatters"]["line"]["()"].endswith("JsonFormatter")
