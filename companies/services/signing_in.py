"""Passwords and sessions: a forgotten password, a new one, and signing out everywhere."""

from __future__ import annotations

import datetime as dt
import logging

from django.contrib.auth.tokens import default_token_generator
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from companies import locks
from companies.models import User
from companies.services import mails

log = logging.getLogger(__name__)

# Between two mails with a link to the same person.
PAUSE = dt.timedelta(minutes=5)


def mail_reset_link(address: str, *, language: str) -> bool:
    """Sends the link to choose a new password, if somebody signs in with this address; gives whether it was sent.

    One that was sent within ``PAUSE`` is not followed by another. Raises ``OSError`` when the mail did not leave.
    """
    now = timezone.now()
    asked = User.objects.filter(email=address.strip().lower(), is_active=True)
    if not asked.exclude(reset_sent_at__gt=now - PAUSE).update(reset_sent_at=now):
        return False
    user = asked.get()
    number = urlsafe_base64_encode(force_bytes(user.pk))
    link = reverse("password_reset_confirm", args=[number, default_token_generator.make_token(user)])
    try:
        mails.send(user.email, "password", context={"link": link, "person": user}, language=user.language or language)
    except OSError:
        asked.update(reset_sent_at=None)
        raise
    return True


def password_was_chosen(user: User) -> None:
    """What follows a new password: whoever was locked out may sign in with it at once."""
    locks.lift(user)
    log.info("user %s has a new password", user.pk)


def sign_out_everywhere(user: User) -> None:
    """Ends every session of a person; the one that asks for it must be told (``update_session_auth_hash``)."""
    User.objects.filter(pk=user.pk).update(sign_outs=F("sign_outs") + 1)
    user.refresh_from_db(fields=["sign_outs"])
    log.info("user %s signed out everywhere", user.pk)
