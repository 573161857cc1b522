"""People and their places in companies."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from companies.models import Company, Membership, User

RANDOM_BYTES = 15


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
        raise ValidationError(f"{email} can sign in already and keeps their password: leave it out.")
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
