"""Mail that is sent in the background: whoever asks for it does not wait, nor learn anything from waiting."""

from __future__ import annotations

from celery import shared_task

from companies.models import Invitation
from companies.services import invitations, signing_in

# A mail server that does not answer is asked again for about half an hour (``SMTPException`` is an ``OSError``).
FIRST_PAUSE_SECONDS = 30
TRIES = 6


@shared_task(autoretry_for=(OSError,), retry_backoff=FIRST_PAUSE_SECONDS, retry_kwargs={"max_retries": TRIES})
def send_invitation(invitation_id: int) -> None:
    """Sends the link of an invitation, unless it was withdrawn or accepted meanwhile."""
    invitation = Invitation.objects.open().filter(pk=invitation_id).first()
    if invitation is not None:
        invitations.mail(invitation)


@shared_task(autoretry_for=(OSError,), retry_backoff=FIRST_PAUSE_SECONDS, retry_kwargs={"max_retries": TRIES})
def send_reset_link(address: str, language: str) -> None:
    """Sends the link to choose a new password, if anybody signs in with this address."""
    signing_in.mail_reset_link(address, language=language)
