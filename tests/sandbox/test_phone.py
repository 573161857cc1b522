"""The pretend phone: what is sent there is read by a person and by a program, the newest first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from sandbox.phone import messages
from sandbox.phone.models import TextMessage
from tests.sandbox.conftest import Answer


def send(client: Client, to: str, text: str) -> int:
    return client.post("/phone/messages", {"to": to, "text": text}, content_type="application/json").status_code


def test_a_message_is_read_on_the_page_and_by_a_program(client: Client, control: Callable[..., Answer]) -> None:
    assert send(client, "+32470123456", "111111 is your code") == 201
    assert send(client, "+32470123499", "<b>222222</b>") == 201
    page = client.get("/phone").content.decode()
    assert page.index("&lt;b&gt;222222&lt;/b&gt;") < page.index("111111")
    told = control("GET", "phone").body["messages"]
    assert [one["text"] for one in told] == ["<b>222222</b>", "111111 is your code"]
    assert [one["to"] for one in control("GET", "phone", to="+32470123456").body["messages"]] == ["+32470123456"]


def test_a_form_is_taken_too(client: Client, control: Callable[..., Answer]) -> None:
    assert (
        client.post("/phone/messages", {"to": "+32470123456", "text": "hello", "from": "banksync"}).status_code == 201
    )
    assert control("GET", "phone").body["messages"][0]["text"] == "hello"


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["", "[]", '{"to": "+32470123456"}', '{"to": 5, "text": "x"}'])
def test_what_is_no_message_is_refused(client: Client, body: str) -> None:
    assert client.post("/phone/messages", body, content_type="application/json").status_code == 400
    assert TextMessage.objects.count() == 0


@pytest.mark.django_db
def test_the_phone_forgets_what_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "KEPT", 3)
    for number in range(5):
        messages.receive("+32470123456", str(number))
    assert [one.text for one in messages.latest()] == ["4", "3", "2"]


@pytest.mark.django_db
def test_the_first_page_leads_to_the_phone(client: Client) -> None:
    assert 'href="/phone"' in client.get("/").content.decode()
    assert "No message yet" in client.get("/phone").content.decode()
