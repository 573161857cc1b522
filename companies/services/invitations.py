"""Places in a company that are offered by e-mail: the link in the mail works once, for a week."""

from __future__ import annotations

import logging

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.models import Company, Invitation, Membership, User, in_a_week, make_nonce
from companies.services import mails
from companies.services.people import add_person

log = logging.getLogger(__name__)

SALT = "companies.invitations"
_RENEWED = ("nonce", "sent_at", "expires_at", "role", "invited_by_id", "language")


class LinkIsDead(Exception):
    """The link was used, has ended, was replaced by a newer one, or was never one."""


def token_of(invitation: Invitation) -> str:
    """What the link holds: signed, so that nobody can make one up."""
    return signing.dumps([invitation.pk, invitation.nonce], salt=SALT)


def find(token: str) -> Invitation:
    """The invitation that a link stands for. Raises ``LinkIsDead``."""
    try:
        number, nonce = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkIsDead from error
    invitation = (
        Invitation.objects.open().select_related("company", "invited_by").filter(pk=number, nonce=nonce).first()
    )
    if invitation is None or invitation.is_over:
        raise LinkIsDead
    return invitation


@transaction.atomic
def invite(company: Company, email: str, *, role: str, by: User) -> Invitation:
    """Offers an address a place; an open offer to the same address is renewed. Who calls sends it (``mail``).

    Raises ``ValidationError`` for somebody who is in the company already.
    """
    email = email.strip().lower()
    if Membership.objects.filter(company=company, user__email=email).exists():
        raise ValidationError(_("%(email)s is in this company already.") % {"email": email})
    Company.objects.select_for_update().get(pk=company.pk)
    invitation = Invitation.objects.open().filter(company=company, email=email).first()
    invitation = invitation or Invitation(company=company, email=email)
    invitation.role, invitation.invited_by, invitation.language = role, by, get_language() or ""
    renew(invitation)
    return invitation


def renew(invitation: Invitation) -> None:
    """Makes a new link, for a week from now; links that were sent before end. Who calls sends it (``mail``)."""
    invitation.nonce, invitation.sent_at, invitation.expires_at = make_nonce(), timezone.now(), in_a_week()
    if not invitation.pk:
        invitation.save()
        return
    # Nothing else is written: whoever accepts it at this moment stays in.
    Invitation.objects.open().filter(pk=invitation.pk).update(**{name: getattr(invitation, name) for name in _RENEWED})


def mail(invitation: Invitation) -> None:
    """Sends the link of an open invitation. Raises ``OSError`` when the mail did not leave."""
    person = person_of(invitation)
    language = person.language if person and person.language else invitation.language
    context = {"invitation": invitation, "link": reverse("invitation", args=[token_of(invitation)])}
    mails.send(invitation.email, "invitation", context=context, language=language)


def withdraw(invitation: Invitation) -> None:
    """Takes an offer back; its link ends. Doing it again, or after it was accepted, changes nothing."""
    Invitation.objects.open().filter(pk=invitation.pk).delete()


@transaction.atomic
def accept(token: str, *, password: str = "", first_name: str = "", last_name: str = "") -> User:
    """Takes the offered place; makes the person, with this password, when the address is new.

    Raises ``LinkIsDead``, and ``ValidationError`` for a password that is too easy.
    """
    seen = find(token)
    same = Invitation.objects.open().filter(pk=seen.pk, nonce=seen.nonce)
    invitation = same.select_for_update(of=("self",)).select_related("company").first()
    if invitation is None:
        raise LinkIsDead
    if not person_of(invitation):
        validate_password(password, User(email=invitation.email, first_name=first_name, last_name=last_name))
    user = add_person(
        invitation.company,
        invitation.email,
        password=password,
        role=invitation.role,
        first_name=first_name,
        last_name=last_name,
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    log.info("company %s: user %s accepted an invitation as %s", invitation.company_id, user.pk, invitation.role)
    return user


def person_of(invitation: Invitation) -> User | None:
    """The person with this address, if somebody signs in with it already."""
    return User.objects.filter(email=invitation.email).first()
