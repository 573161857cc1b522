"""What providers send by themselves: taken once, for the right connection, and only from who can prove it."""

from __future__ import annotations

import msgspec
import requests

from providers.types import ErrorEnvelope
from proxy.models import Event


def test_a_message_that_proves_nothing_is_refused_and_changes_nothing(site: str, transactional_db: None) -> None:
    answer = requests.post(f"{site}/webhooks/plaid", data=b'{"item_id": "item-1"}', timeout=5)
    told = msgspec.json.decode(answer.content, type=ErrorEnvelope)
    assert (answer.status_code, told.error.code) == (400, "webhook_refused")
    assert answer.headers["Banksync-Reference"] == told.error.reference
    assert Event.objects.count() == 0


def test_a_provider_without_a_contract_is_unknown(site: str, transactional_db: None) -> None:
    for path in ("/webhooks/nobody", "/webhooks/nobody/notify"):
        assert requests.post(site + path, data=b"{}", timeout=5).status_code == 404


def test_only_posting_is_understood(site: str, transactional_db: None) -> None:
    assert requests.get(f"{site}/webhooks/plaid", timeout=5).status_code == 405
