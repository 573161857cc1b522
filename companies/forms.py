"""The forms of signing in and of a company's settings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.fields import DayField, clean_currency
from companies.models import Company


class SignInForm(AuthenticationForm):
    """Signs in with an e-mail address in any case; one sentence for every way it can be wrong."""

    error_messages = {
        "invalid_login": _("This e-mail address and password do not go together."),
        "inactive": _("This person can no longer sign in."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).lower()


class CompanyForm(forms.ModelForm):
    """What holds for all books of a company."""

    lock_date = DayField(
        label=_("Lock everything up to"),
        required=False,
        help_text=_(
            "Nothing is booked, changed or removed on this day or before it; what the bank still sends for it waits "
            "in Review. Empty: everything is open."
        ),
    )

    class Meta:
        model = Company
        fields = ("name", "currency", "lock_date")
        help_texts = {"currency": _("The one that a new journal starts with.")}

    def clean_currency(self) -> str:
        return clean_currency(self.cleaned_data["currency"])

    def clean_lock_date(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["lock_date"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("The future cannot be locked: choose today or an earlier day."))
        return day
