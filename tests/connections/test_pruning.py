"""What is past its time is forgotten, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from connections import tasks
from connections.models import CallDay, RenewalLink
from connections.services import renewals
from tests.factories import make_connection, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_old_counts_and_links_that_are_over_go_and_the_others_stay() -> None:
    connection = make_connection()
    person = make_user(company=connection.company)
    now = timezone.now()
    for days in (0, 39, 41):
        CallDay.objects.create(connection=connection, day=(now - days * DAY).date(), unattended=1)
    renewals.make_link(connection, person, now)
    renewals.make_link(connection, person, now - 100 * DAY)
    over = RenewalLink.objects.order_by("pk").last()
    assert over is not None
    RenewalLink.objects.filter(pk=over.pk).update(expires_at=now - 31 * DAY)
    assert tasks.prune() == {"call days": 1, "renewal links": 1, "notices": 0}
    assert CallDay.objects.count() == 2
    assert not RenewalLink.objects.filter(pk=over.pk).exists()
    assert tasks.prune() == {"call days": 0, "renewal links": 0, "notices": 0}
