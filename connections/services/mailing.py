"""Sends what ``services.notices`` wrote down.

A mail that does not leave is tried again after growing pauses. A worker that dies between handing a mail over and
writing that down sends it once more when its claim has ended: told twice is better than not at all.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
from collections.abc import Iterator

from django.db.models import F
from django.utils import timezone

from companies.models import Membership, User
from companies.services import mails
from connections.models import Notice
from connections.services import mail_contents

log = logging.getLogger(__name__)

# For so long a mail is in one worker's hands.
CLAIM = dt.timedelta(minutes=10)
FIRST_PAUSE = dt.timedelta(minutes=5)
LONGEST_PAUSE = dt.timedelta(hours=6)
_BATCH = 500


def send_all(now: dt.datetime) -> int:
    """Sends what is written down, one mail for each person, company and kind; gives how many mails left."""
    waiting = Notice.objects.waiting(now).select_related("connection__institution", "connection__company", "person")
    found = list(waiting.order_by("person", "connection__company", "kind", "pk")[:_BATCH])
    groups = itertools.groupby(found, key=lambda one: (one.person_id, one.connection.company_id, one.kind))
    begun = timezone.now()
    # A mail server may take its time: each claim counts from when it is made.
    return sum(_send(list(group), now + (timezone.now() - begun)) for _key, group in groups)


def _send(group: list[Notice], now: dt.datetime) -> bool:
    mine = list(_claimed(group, now))
    wanted = [notice for notice in mine if mail_contents.is_true(notice, now) and _is_member(notice)]
    Notice.objects.filter(pk__in={notice.pk for notice in mine} - {notice.pk for notice in wanted}).delete()
    if not wanted:
        return False
    ids = [notice.pk for notice in wanted]
    template, context = mail_contents.of(wanted, now)
    person: User = wanted[0].person
    try:
        mails.send(person.email, template, context=context, language=person.language)
    except OSError as error:
        log.warning("a mail to person %s did not leave and is tried again: %s", person.pk, error)
        failures = max(notice.failures for notice in wanted)
        until = now + min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE)
        Notice.objects.filter(pk__in=ids).update(failures=F("failures") + 1, claimed_until=until)
        return False
    Notice.objects.filter(pk__in=ids).update(sent_at=now, claimed_until=None)
    return True


def _claimed(group: list[Notice], now: dt.datetime) -> Iterator[Notice]:
    """Those that nobody else took meanwhile."""
    for notice in group:
        if Notice.objects.waiting(now).filter(pk=notice.pk).update(claimed_until=now + CLAIM):
            yield notice


def _is_member(notice: Notice) -> bool:
    """Whether this person still belongs to the company and wants mails."""
    mine = Membership.objects.filter(company=notice.connection.company_id, user=notice.person_id, is_notified=True)
    return mine.exists()
