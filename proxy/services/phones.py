"""The code sent to a client's phone: it confirms the number, and wakes a client that was blocked."""

from __future__ import annotations

import datetime as dt
import re
import secrets

import phonenumbers
from django.conf import settings
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from providers.errors import ClientDisconnected, CodeSpent, CodeWrong, MessageNotSent, RateLimited
from proxy import senders
from proxy.models import Client, Incident
from proxy.services import standing

LIFETIME = dt.timedelta(minutes=10)
PAUSE = dt.timedelta(seconds=60)
ATTEMPTS = 5
DAY = dt.timedelta(days=1)


def send_code(client: Client) -> None:
    """Sends six new digits to the registered number.

    Raises ``RateLimited`` within a minute of the last ones or for too many in a day, ``ClientDisconnected`` for who
    was cut off, and ``MessageNotSent``; after that another may be asked for at once.
    """
    if client.status == Client.Status.DISCONNECTED:
        raise ClientDisconnected()
    now = timezone.now()
    _limit(client, now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    digest = _digest(client, code)
    free = Client.objects.filter(pk=client.pk).exclude(code_sent_at__gt=now - PAUSE)
    if not free.update(code_digest=digest, code_sent_at=now, code_attempts=0):
        last = Client.objects.values_list("code_sent_at", flat=True).get(pk=client.pk)
        raise RateLimited("A code was sent a moment ago: wait for it.", retry_at=(last or now) + PAUSE)
    Incident.objects.create(client=client, kind=Incident.Kind.CODE_SENT, subject=secrets.token_hex(16), at=now)
    try:
        senders.send(
            str(client.phone_number), f"{code} is your banksync code, good for ten minutes. Give it to nobody."
        )
    except MessageNotSent:
        Client.objects.filter(pk=client.pk, code_digest=digest).update(code_digest="", code_sent_at=None)
        raise


def confirm(client: Client, code: str) -> Client:
    """Confirms the number with the code that arrived there, and unblocks. Raises ``CodeWrong`` or ``CodeSpent``.

    A code is good once, for ten minutes and five attempts.
    """
    now = timezone.now()
    open_codes = Client.objects.filter(pk=client.pk, code_sent_at__gt=now - LIFETIME, code_attempts__lt=ATTEMPTS)
    # The attempt is counted before it is looked at, so that many at once are counted too.
    if not open_codes.exclude(code_digest="").update(code_attempts=F("code_attempts") + 1):
        raise CodeSpent()
    client.refresh_from_db()
    if not constant_time_compare(client.code_digest, _digest(client, code.strip())):
        raise CodeWrong()
    # Once, also of two that come with it at the same moment. Who had it need not wait for the next one.
    if not Client.objects.filter(pk=client.pk, code_digest=client.code_digest).update(
        phone_confirmed_at=now, code_digest="", code_sent_at=None
    ):
        raise CodeSpent()
    client.phone_confirmed_at, client.code_digest, client.code_sent_at = now, "", None
    standing.unblock(client, by="phone", why="the code sent to the phone was entered")
    return client


def hint(client: Client) -> str:
    """The number as it may be shown: its country and its last two digits, such as ``+32 ··· ·· ·· 56``."""
    number = client.phone_number
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    country, _, rest = shown.partition(" ")
    return f"{country} {re.sub('[0-9]', '·', rest[:-2])}{rest[-2:]}"


def _limit(client: Client, now: dt.datetime) -> None:
    """Messages cost money, and a stranger's phone is no toy: so many in a day for one client, and for one number, which
    the companies of one office share.
    """
    sent = Incident.objects.filter(kind=Incident.Kind.CODE_SENT, at__gt=now - DAY)
    own = sent.filter(client=client).aggregate(all=Sum("times"))["all"] or 0
    to_number = sent.filter(client__phone_number=client.phone_number).aggregate(all=Sum("times"))["all"] or 0
    if own >= settings.GUARD["codes"] or to_number >= settings.GUARD["codes_to_a_number"]:
        raise RateLimited("Too many codes were sent today: try again tomorrow.", retry_at=now + DAY)


def _digest(client: Client, code: str) -> str:
    """Keyed, since six digits are soon tried through."""
    return salted_hmac("proxy.phones", f"{client.client_id}:{code}", algorithm="sha256").hexdigest()
