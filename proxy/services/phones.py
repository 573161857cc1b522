"""The code sent to a client's phone: it confirms the number, and wakes a client that was blocked."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string

from providers.errors import BadRequest, RateLimited
from proxy.models import Client

LIFETIME = dt.timedelta(minutes=10)
PAUSE = dt.timedelta(seconds=60)
ATTEMPTS = 5


def send_code(client: Client) -> None:
    """Sends six new digits to the registered number. Raises ``RateLimited`` within a minute of the last ones."""
    now = timezone.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    free = Client.objects.filter(pk=client.pk).exclude(code_sent_at__gt=now - PAUSE)
    claimed = free.update(code_digest=_digest(client, code), code_sent_at=now, code_attempts=0)
    if not claimed:
        last = Client.objects.values_list("code_sent_at", flat=True).get(pk=client.pk)
        raise RateLimited("A code was sent a moment ago: wait for it.", retry_at=(last or now) + PAUSE)
    import_string(settings.PHONE_CODE_SENDER)(str(client.phone_number), code)


def confirm(client: Client, code: str) -> Client:
    """Confirms the number with the code that arrived there, and unblocks. Raises ``BadRequest`` for a wrong one.

    A code is good once, for ten minutes and five attempts.
    """
    now = timezone.now()
    open_codes = Client.objects.filter(pk=client.pk, code_sent_at__gt=now - LIFETIME, code_attempts__lt=ATTEMPTS)
    # The attempt is counted before it is looked at, so that many at once are counted too.
    if not open_codes.exclude(code_digest="").update(code_attempts=F("code_attempts") + 1):
        raise BadRequest("There is no code to confirm any more: have a new one sent.")
    client.refresh_from_db()
    if not constant_time_compare(client.code_digest, _digest(client, code.strip())):
        raise BadRequest("The code is not right.")
    client.phone_confirmed_at = now
    client.code_digest = ""
    if client.status == Client.Status.BLOCKED:
        client.status = Client.Status.ACTIVE
    client.save(update_fields=["phone_confirmed_at", "code_digest", "status"])
    return client


def _digest(client: Client, code: str) -> str:
    """Keyed, since six digits are soon tried through."""
    return salted_hmac("proxy.phones", f"{client.client_id}:{code}", algorithm="sha256").hexdigest()
