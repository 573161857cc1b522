"""What must stay secret is in no line of the app's log, neither of a page nor of a task, also where something fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.urls import reverse

from banksync.celery import app
from connections.models import Account, Connection, ProxyRegistration
from connections.tasks import poll_company_events
from foundation import logs
from statements.models import StatementLine, SyncRun
from statements.tasks import sync_connection
from tests.factories import make_user
from tests.feed.pretend import PHONE, FarSide, connected
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Everything that is logged, down to the last detail, as it would be written."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter("worker"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(before)
    root.removeHandler(handler)


def test_no_secret_in_the_log_of_pages_and_tasks(far: FarSide, written: StringIO) -> None:
    connection = connected(far, "Demo Business Bank")
    _fetch(connection)
    far.arm("plaid_error", error_type="ITEM_ERROR", error_code="ITEM_LOGIN_REQUIRED", times=3)
    _fetch(connection)
    far.disarm()
    poll_company_events.apply((ProxyRegistration.objects.get().pk,))
    browser_of(make_user(company=connection.company)).post(reverse("fetch_accounts", args=[connection.pk]))
    text = written.getvalue()
    for secret in _secrets(connection):
        assert secret not in text
    _lines_name_what_they_are_about(text, connection)


def _fetch(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(status="connected", claimed_until=None)
    app.tasks[sync_connection.name].apply((connection.pk, SyncRun.Trigger.LINK), throw=True)


def _secrets(connection: Connection) -> list[str]:
    registration = ProxyRegistration.objects.get()
    positions = Account.objects.filter(connection=connection).values_list("position", flat=True)
    line = StatementLine.objects.first()
    assert all(positions)
    assert line is not None
    return [
        registration.private_key(),
        registration.sealed_private_key,
        str(settings.SECRET_KEY),
        *settings.SEALING_KEYS,
        *(position.split(".")[2][:40] for position in positions),
        *(number for number in Account.objects.values_list("number", flat=True) if number),
        line.raw,
        PHONE,
    ]


def _lines_name_what_they_are_about(text: str, connection: Connection) -> None:
    rows = [json.loads(row) for row in text.splitlines()]
    of_the_run = [row for row in rows if row.get("run")]
    assert {row["connection"] for row in of_the_run} == {str(connection.pk)}
    assert {row["company"] for row in of_the_run} == {str(connection.company_id)}
    assert {row["task"].partition("[")[0] for row in of_the_run} == {"statements.tasks.sync_connection"}
    refused = [row for row in rows if row["message"].startswith("account ") and row["level"] == "WARNING"]
    assert all(row["reference"] for row in refused)
