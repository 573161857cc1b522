"""A worker whose run was taken over while it waited for the proxy changes nothing any more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings as site
from django.db import connection as database
from django.utils import timezone
from pytest_django.fixtures import Settings

from connections.models import Connection
from statements.models import SyncRun
from statements.services import runs, sync
from tests.factories import make_connection, make_registration
from tests.providers.wire import Answer, Said, Seen, serving

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_another_worker_left_standing_stands(settings: Settings) -> None:
    connection = make_connection(error_code="provider_down", error_message="It is out of order.")
    make_registration(connection.company)
    late = timezone.now() + dt.timedelta(seconds=site.RUN_LEASE_SECONDS + 1)

    def take_over(seen: Seen) -> Answer:
        try:
            assert runs.take(connection, SyncRun.Trigger.CLOCK, now=late) is not None
        finally:
            database.close()
        return Said(body=b'{"status": "ready"}')

    with serving() as proxy:
        settings.PROXY_URL = proxy.url
        proxy.answer = take_over
        assert sync.sync_connection(connection.pk, SyncRun.Trigger.CLOCK).run is None
    assert len(proxy.seen) == 1
    assert SyncRun.objects.get(state="running").lease_until > late
    assert Connection.objects.get().error_code == "provider_down"
