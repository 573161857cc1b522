"""People and their places in companies."""

from __future__ import annotations

from django.db import transaction

from companies.models import Company, Membership, User


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
