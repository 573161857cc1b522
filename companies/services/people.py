"""People and their places in companies."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import Company, Membership, User

log = logging.getLogger(__name__)

RANDOM_BYTES = 15


class LastAdministrator(Exception):
    """Somebody must look after the company; the message is one sentence for people."""

    def __init__(self) -> None:
        super().__init__(_("This is the only administrator of the company: make somebody else one first."))


@dataclass(frozen=True)
class Admitted:
    """Who has a place in a company now, and the password that was made for them; empty when none was made here."""

    user: User
    made_password: str = ""


def admit(company: Company, email: str, *, role: str, password: str | None = None) -> Admitted:
    """Gives a person a place in a company; without a ``password`` a new one's is made up, to be told once.

    Whoever can sign in already keeps their password. Raises ``ValidationError`` for what is no e-mail address, for a
    password that is too easy, and for one that would be lost; nothing is made then.
    """
    email = email.strip().lower()
    is_new = not User.objects.filter(email=email).exists()
    if password is not None and not is_new:
        raise ValidationError(
            _("%(email)s can sign in already and keeps their password: leave it out.") % {"email": email}
        )
    person = User(email=email)
    person.clean_fields(exclude=["password"])
    if password is not None:
        validate_password(password, person)
    made = secrets.token_urlsafe(RANDOM_BYTES) if is_new and password is None else ""
    return Admitted(add_person(company, email, password=password or made, role=role), made)


@transaction.atomic
def add_person(
    company: Company, email: str, *, password: str, role: str, first_name: str = "", last_name: str = ""
) -> User:
    """Gives a person a place in a company; makes the person when the address is new.

    The password is set for a new person only: adding someone who exists must not change how they sign in.
    """
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(
            email, email=email, password=password, first_name=first_name, last_name=last_name
        )
    Membership.objects.get_or_create(company=company, user=user, defaults={"role": role})
    return user


@transaction.atomic
def change_role(membership: Membership, role: str, *, by: User) -> None:
    """Gives a person another role in a company. Raises ``LastAdministrator``."""
    place = _locked(membership)
    if role != Membership.Role.ADMIN:
        _refuse_last_administrator(place)
    place.role = role
    place.save(update_fields=["role"])
    log.info("company %s: user %s is %s now, by user %s", place.company_id, place.user_id, role, by.pk)


@transaction.atomic
def remove(membership: Membership, *, by: User) -> None:
    """Takes a person's place in a company away; what they wrote stays, under their name. Raises ``LastAdministrator``.

    It holds at once, also where they are signed in.
    """
    place = _locked(membership)
    _refuse_last_administrator(place)
    place.delete()
    log.info("company %s: user %s was removed by user %s", place.company_id, place.user_id, by.pk)


def set_notified(user: User, *, companies: set[int]) -> None:
    """Keeps from which of their companies (by id) a person gets mail; from the others none."""
    for membership in Membership.objects.filter(user=user):
        if membership.is_notified != (membership.company_id in companies):
            membership.is_notified = not membership.is_notified
            membership.save(update_fields=["is_notified"])


def _locked(membership: Membership) -> Membership:
    """The place as it is now. Two administrators who demote each other at once wait for one another."""
    Company.objects.select_for_update().get(pk=membership.company_id)
    return Membership.objects.get(pk=membership.pk)


def _refuse_last_administrator(place: Membership) -> None:
    others = Membership.objects.filter(company_id=place.company_id, role=Membership.Role.ADMIN).exclude(pk=place.pk)
    # Somebody who can no longer sign in looks after nothing.
    if place.role == Membership.Role.ADMIN and not others.filter(user__is_active=True).exists():
        raise LastAdministrator


def speak(person: User, language: str) -> None:
    """Keeps the language that pages and mails speak to a person: a code of ``settings.LANGUAGES``."""
    person.language = language
    person.save(update_fields=["language"])
