"""One-time links by which somebody without a sign-in renews one connection's permission, and can see nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F, QuerySet

from companies.models import Membership, User
from connections.models import Connection, LinkAttempt, RenewalLink
from connections.services import attempts, chatter
from providers.errors import FeedError
from providers.types import EndUser

log = logging.getLogger(__name__)

Status = LinkAttempt.Status
# A link outlives the permission by so long.
AFTERWARDS = dt.timedelta(days=14)
# Ends of a permission that lie no further apart are one and the same.
SAME_END = dt.timedelta(days=1)
# How often the bank's page may be opened from one link, should somebody leave it without an end.
MOST_STARTS = 5
_signer = Signer(salt="connections.renewal", sep=".")


class LinkRefused(Exception):
    """There is no such link, or it is used, over, or for a connection that has ended."""


def make_link(connection: Connection, person: User, now: dt.datetime) -> str:
    """A new link for a connection, to be sent to this person; gives its token, which is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    ends = max(connection.consent_expires_at or now, now)
    RenewalLink.objects.create(
        connection=connection, person=person, digest=_digest(secret), expires_at=ends + AFTERWARDS
    )
    return _signer.sign(secret)


def find(token: str, now: dt.datetime) -> RenewalLink:
    """The link that a token opens. Raises ``LinkRefused``; who wrote a token by hand learns nothing from it.

    A walk to the bank that ended without a renewal gives the link back; a renewal on any way ends all older links.
    """
    try:
        secret = _signer.unsign(token)
    except BadSignature as error:
        raise LinkRefused from error
    link = _links().filter(digest=_digest(secret)).first()
    if link is None or link.is_over(now) or not link.connection.is_live or not _may_still(link):
        raise LinkRefused
    if _is_renewed_since(link) or (link.used_at is not None and not _is_open_again(link, now)):
        raise LinkRefused
    return link


def begin(link: RenewalLink, now: dt.datetime, *, language: str, end_user: EndUser, return_url_for: str) -> LinkAttempt:
    """Opens the bank's page, or goes on with the one that is open; the attempt's ``hosted_url`` is where to go.

    Raises ``LinkRefused`` when somebody else has just used the link, ``FeedError`` when the page cannot be opened;
    then the link is as good as before.
    """
    if link.attempt is not None and link.attempt.is_open(now):
        return link.attempt
    unused = RenewalLink.objects.filter(pk=link.pk, used_at=link.used_at, starts__lt=MOST_STARTS)
    if not unused.update(used_at=now, starts=F("starts") + 1):
        raise LinkRefused
    try:
        attempt = attempts.begin_update(
            link.connection, link.person, language=language, end_user=end_user, return_url_for=return_url_for
        )
    except FeedError:
        RenewalLink.objects.filter(pk=link.pk).update(used_at=None)
        raise
    with transaction.atomic():
        RenewalLink.objects.filter(pk=link.pk).update(attempt=attempt)
        chatter.write(link.connection, "renewal_link_used", person=link.person)
    return attempt


def come_back(attempt: LinkAttempt) -> LinkAttempt:
    """How the walk ended. One that was left or failed gives the link back. Raises ``FeedError``."""
    attempts.settle(attempt)
    if attempt.status in {Status.CANCELLED, Status.FAILED}:
        RenewalLink.objects.filter(attempt=attempt).update(used_at=None)
    return attempt


def settle_open() -> int:
    """Asks how the walks stand from which nobody came back here: the bank may have said yes. Gives how many ended.

    One that was kept as connected when its process died is read to its end.
    """
    waiting = LinkAttempt.objects.filter(renewal_link__isnull=False, status__in=[Status.WAITING, Status.CONNECTED])
    ended = 0
    for attempt in waiting.select_related("company", "institution", "connection", "person").order_by("created_at"):
        try:
            ended += come_back(attempt).status != Status.WAITING
        except FeedError as error:
            log.warning("how attempt %s stands is not known: %s", attempt.pk, error)
    return ended


def _is_open_again(link: RenewalLink, now: dt.datetime) -> bool:
    """Whether a link that was used may be used on: its page is still open, or was left without an end."""
    attempt = link.attempt
    if attempt is not None and attempt.status in {Status.CONNECTED, Status.LINKED}:
        return False
    return link.starts < MOST_STARTS or (attempt is not None and attempt.is_open(now))


def _is_renewed_since(link: RenewalLink) -> bool:
    """Whether the permission that it was made for has become a longer one, by another link or in the app."""
    ends = link.connection.consent_expires_at
    return ends is not None and ends + AFTERWARDS > link.expires_at + SAME_END


def _may_still(link: RenewalLink) -> bool:
    """Whether the person it was sent to still belongs to the company."""
    mine = Membership.objects.filter(company=link.connection.company_id, user=link.person_id)
    return mine.filter(user__is_active=True).exists()


def _links() -> QuerySet[RenewalLink]:
    return RenewalLink.objects.select_related("connection__institution", "connection__company", "person", "attempt")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
