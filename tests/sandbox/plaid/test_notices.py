"""What the simulator tells by itself, over real sockets, and how it can be spoiled."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any, NamedTuple

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sandbox.conditions import clock, outbox
from sandbox.plaid import items
from sandbox.plaid.models import Item
from tests.sandbox.conftest import Answer, Caller


class Heard(NamedTuple):
    body: bytes
    token: str

    @property
    def told(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        return f"{self.told['webhook_type']}/{self.told['webhook_code']}"


class Ear:
    """An address that takes messages; ``refusals`` are statuses it answers with before it takes one."""

    def __init__(self) -> None:
        self.refusals: list[int] = []
        self._queue: Queue[Heard] = Queue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/plaid"

    def next(self) -> Heard:
        return self._queue.get(timeout=10)

    def is_silent(self) -> bool:
        """Whether nothing comes for a while: messages are sent at once."""
        try:
            self._queue.get(timeout=0.3)
        except Empty:
            return True
        return False

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear._queue.put(Heard(body, self.headers.get("Plaid-Verification") or ""))
                self.send_response(ear.refusals.pop(0) if ear.refusals else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """The test's output is for the test."""

        return Handler


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    monkeypatch.setattr(outbox, "PAUSES", (0.0, 0.0, 0.0))
    made = Ear()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def linked(api: Caller, link: Callable[..., dict[str, Any]], ear: Ear) -> Callable[[str], str]:
    """Links a bank and gives its Item the ear's address; gives the access token."""

    def make(bank: str = "demo_business_bank") -> str:
        token = str(link(bank)["access_token"])
        api("/item/webhook/update", access_token=token, webhook=ear.url)
        assert ear.next().code == "ITEM/WEBHOOK_UPDATE_ACKNOWLEDGED"
        return token

    return make


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_proven(api: Caller, heard: Heard) -> bool:
    """As an integrator would check it: algorithm, key, signature, time, body."""
    if not heard.token:
        return False
    head, claims, signature = (decoded(part) for part in heard.token.split("."))
    header, said = msgspec.json.decode(head), msgspec.json.decode(claims)
    key = api("/webhook_verification_key/get", key_id=header["kid"])["key"]
    if header["alg"] != "ES256" or key["expired_at"] is not None:
        return False
    x, y = (int.from_bytes(decoded(key[name]), "big") for name in ("x", "y"))
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    try:
        signed = heard.token.rpartition(".")[0].encode()
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    is_fresh = dt.datetime.now(dt.UTC).timestamp() - said["iat"] < 300
    return is_fresh and said["request_body_sha256"] == hashlib.sha256(heard.body).hexdigest()


def test_a_fired_message_is_proven_and_known_to_the_item(api: Caller, linked: Callable[..., str], ear: Ear) -> None:
    token = linked()
    assert api("/sandbox/item/fire_webhook", access_token=token, webhook_code="SYNC_UPDATES_AVAILABLE")["webhook_fired"]
    heard = ear.next()
    assert heard.code == "TRANSACTIONS/SYNC_UPDATES_AVAILABLE"
    assert b'\n  "item_id"' in heard.body
    assert is_proven(api, heard)
    told = api("/item/get", access_token=token)
    assert heard.told["item_id"] == told["item"]["item_id"]
    assert told["status"]["last_webhook"]["code_sent"] == "SYNC_UPDATES_AVAILABLE"


@pytest.mark.parametrize(
    "code",
    ["NEW_ACCOUNTS_AVAILABLE", "USER_PERMISSION_REVOKED", "USER_ACCOUNT_REVOKED", "PENDING_DISCONNECT", "ERROR"],
)
def test_every_message_about_the_item_can_be_fired(
    api: Caller, linked: Callable[..., str], ear: Ear, code: str
) -> None:
    api("/sandbox/item/fire_webhook", access_token=linked(), webhook_code=code)
    heard = ear.next()
    assert heard.code == f"ITEM/{code}"
    assert is_proven(api, heard)


def test_an_item_without_an_address_has_nothing_fired(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    token = link("quiet_bank")["access_token"]
    answer = api.error("/sandbox/item/fire_webhook", access_token=token, webhook_code="ERROR")
    assert answer == (400, "SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID")


def test_an_unknown_key_is_not_shown(api: Caller, db: None) -> None:
    assert api.error("/webhook_verification_key/get", key_id="made-up")[1] == "INVALID_INPUT"


def test_a_sign_in_that_is_asked_for_again_is_told(api: Caller, linked: Callable[..., str], ear: Ear) -> None:
    token = linked()
    api("/sandbox/item/reset_login", access_token=token)
    heard = ear.next()
    assert (heard.code, heard.told["error"]["error_code"]) == ("ITEM/ERROR", "ITEM_LOGIN_REQUIRED")
    api("/sandbox/item/fire_webhook", access_token=token, webhook_code="LOGIN_REPAIRED")
    assert ear.next().code == "ITEM/LOGIN_REPAIRED"
    assert api("/item/get", access_token=token)["item"]["error"] is None


@pytest.mark.parametrize("variant", ["unsigned", "wrong_alg", "wrong_key", "stale", "reformatted"])
def test_a_spoiled_message_proves_nothing(
    api: Caller, linked: Callable[..., str], ear: Ear, control: Callable[..., Answer], variant: str
) -> None:
    item = Item.objects.get(access_token=linked())
    asked = {"item_id": item.item_id, "webhook_type": "ITEM", "webhook_code": "NEWS", "fields": {"reason": "r"}}
    assert control("POST", "plaid/notice", **asked).body == {"sent": True}
    assert is_proven(api, ear.next())
    control("POST", "plaid/notice", **asked, variant=variant)
    assert not is_proven(api, ear.next())


def test_one_message_can_be_sent_twice(linked: Callable[..., str], ear: Ear, control: Callable[..., Answer]) -> None:
    item = Item.objects.get(access_token=linked())
    asked = {"item_id": item.item_id, "webhook_type": "ITEM", "webhook_code": "NEWS", "variant": "twice"}
    control("POST", "plaid/notice", **asked)
    assert ear.next() == ear.next()


def test_tomorrow_is_told_of_once_transactions_were_read(
    api: Caller, linked: Callable[..., str], ear: Ear, control: Callable[..., Answer]
) -> None:
    token = linked()
    control("POST", "clock", days=3)
    assert ear.is_silent()
    api.read_all(token)
    control("POST", "clock", days=3)
    assert ear.next().code == "TRANSACTIONS/SYNC_UPDATES_AVAILABLE"


def test_a_refresh_tells_only_of_what_has_changed(api: Caller, linked: Callable[..., str], ear: Ear) -> None:
    token = linked()
    api.read_all(token)
    api("/transactions/refresh", access_token=token)
    assert ear.is_silent()
    clock.move(3 * 86_400)
    api("/transactions/refresh", access_token=token)
    assert ear.next().code == "TRANSACTIONS/SYNC_UPDATES_AVAILABLE"


def test_the_end_of_a_permission_is_told_before_and_when_it_comes(
    api: Caller, linked: Callable[..., str], ear: Ear, control: Callable[..., Answer]
) -> None:
    token = linked("short_consent_bank")
    ends = api("/item/get", access_token=token)["item"]["consent_expiration_time"]
    api.read_all(token)
    heard = ear.next()
    assert (heard.code, heard.told["consent_expiration_time"]) == ("ITEM/PENDING_EXPIRATION", ends)
    control("POST", "clock", days=6)
    error = ear.next().told["error"]
    assert (error["error_code"], error["error_code_reason"]) == ("ITEM_LOGIN_REQUIRED", "OAUTH_CONSENT_EXPIRED")


def test_a_message_that_is_not_taken_is_sent_again(api: Caller, linked: Callable[..., str], ear: Ear) -> None:
    token = linked()
    ear.refusals = [502, 400]
    api("/sandbox/item/fire_webhook", access_token=token, webhook_code="NEW_ACCOUNTS_AVAILABLE")
    assert ear.next() == ear.next() == ear.next()
    assert ear.is_silent()


# --- how scenario banks behave in Plaid's words ----------------------------------------------------------------------
def test_a_bank_that_wants_its_customer_there(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    for bank in ("code_each_time_bank", "by_hand_only_bank"):
        item = api("/item/get", access_token=link(bank)["access_token"])["item"]
        assert item["update_type"] == "user_present_required"


def test_a_bank_that_is_read_once_a_day(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    token = link("once_a_day_bank")["access_token"]
    assert api.error("/transactions/refresh", access_token=token)[0] == 429
    clock.move(86_401)
    api("/transactions/refresh", access_token=token)
    assert api.error("/transactions/refresh", access_token=token)[0] == 429


def test_a_reading_takes_its_time(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    item = Item.objects.get(access_token=link("long_reading_bank")["access_token"])
    asked_at = item.linked_at + dt.timedelta(minutes=1)
    items.refresh(item, now=asked_at)
    assert items.last_read_at(item, now=asked_at) < asked_at
    later = asked_at + dt.timedelta(seconds=20)
    assert asked_at < items.last_read_at(item, now=later) <= later


def test_a_bank_that_shows_ninety_days(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    made = link("ninety_days_bank", days=730)
    first = min(row["date"] for row in api.read_all(made["access_token"]).rows("added"))
    assert dt.date.fromisoformat(first) >= clock.now().date() - dt.timedelta(days=90)


def test_accounts_are_closed_and_renamed(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    closing, renaming = (link(bank)["access_token"] for bank in ("closing_account_bank", "renaming_bank"))
    before = api("/accounts/get", access_token=closing)["accounts"]
    clock.move(61)
    assert len(api("/accounts/get", access_token=closing)["accounts"]) == len(before) - 1 == 1
    gone = {"account_id": before[1]["account_id"]}
    assert api.error("/transactions/sync", access_token=closing, options=gone)[2] == "INVALID_ACCOUNT_ID"
    assert api("/accounts/get", access_token=renaming)["accounts"][0]["name"] == "Renamed account"
