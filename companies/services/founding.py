"""The first steps of a company's books: the company itself, and the administrator who lets the others in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from companies.fields import clean_currency
from companies.models import Company, Membership, User
from companies.services.people import add_person

RANDOM_BYTES = 15


@dataclass(frozen=True)
class Founded:
    """A new company, its administrator, and the password that was made for them; empty when it was not made here."""

    company: Company
    admin: User
    made_password: str = ""


@transaction.atomic
def found(name: str, *, currency: str, admin_email: str, password: str | None = None) -> Founded:
    """Makes a company and its administrator; without a ``password`` one is made up, to be told once.

    Whoever can sign in already keeps their password. Raises ``ValidationError`` for a name that is taken or empty, for
    what is no currency or no e-mail address, and for a password that is too easy; nothing is made then.
    """
    company = Company(name=name.strip(), currency=clean_currency(currency))
    if Company.objects.filter(name__iexact=company.name).exists():
        raise ValidationError(f"There is a company named “{company.name}” already.")
    company.full_clean()
    email = admin_email.strip().lower()
    is_new = not User.objects.filter(email=email).exists()
    if is_new:
        User(email=email).clean_fields(exclude=["password"])
    elif password is not None:
        raise ValidationError(f"{email} can sign in already and keeps their password: leave it out.")
    made = secrets.token_urlsafe(RANDOM_BYTES) if is_new and password is None else ""
    if password is not None:
        validate_password(password, User(email=email))
    company.save()
    admin = add_person(company, email, password=password or made, role=Membership.Role.ADMIN)
    return Founded(company, admin, made)
