"""The first step of a company's books: the company itself, with the administrator who looks after it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from companies.fields import clean_currency
from companies.models import Company, Membership
from companies.services.people import Admitted, admit


@transaction.atomic
def found(name: str, *, currency: str, admin_email: str, password: str | None = None) -> tuple[Company, Admitted]:
    """Makes a company and its administrator, whose password is chosen or made up as in ``people.admit``.

    Raises ``ValidationError`` for a name that is taken or empty, for what is no currency, and for what ``admit``
    refuses; nothing is made then.
    """
    company = Company(name=name.strip(), currency=clean_currency(currency))
    if Company.objects.filter(name__iexact=company.name).exists():
        raise ValidationError(_("There is a company named “%(name)s” already.") % {"name": company.name})
    company.full_clean()
    company.save()
    return company, admit(company, admin_email, role=Membership.Role.ADMIN, password=password)
