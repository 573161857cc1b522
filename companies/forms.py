"""The forms of a company's settings and of its people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.fields import DayField, clean_currency
from companies.models import Company, Membership, User


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
        fields = ("name", "currency", "default_period", "lock_date")
        help_texts = {
            "currency": _("The one that a new journal starts with."),
            "default_period": _("How long each of them is. Journals that are there keep theirs."),
        }

    def clean_currency(self) -> str:
        return clean_currency(self.cleaned_data["currency"])

    def clean_lock_date(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["lock_date"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("The future cannot be locked: choose today or an earlier day."))
        return day


class InvitationForm(forms.Form):
    """Who is offered a place in the company, and which."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)


class ProfileForm(forms.ModelForm):
    """What a person chooses for themselves, in all of their companies."""

    language = forms.ChoiceField(label=_("Language"), required=False)

    class Meta:
        model = User
        fields = ("first_name", "last_name", "language", "theme", "is_developer")
        labels = {"is_developer": _("Developer mode"), "theme": _("Theme")}
        help_texts = {
            "is_developer": _("Shows what helps to find a fault: ids, raw data of the bank, technical names.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("As the browser asks for")), *settings.LANGUAGES]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]


class NotificationsForm(forms.Form):
    """From which of their companies somebody gets mail."""

    companies = forms.ModelMultipleChoiceField(
        label=_("Mail about these companies"),
        queryset=Company.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A bank that was not read for long, a permission that ends soon, and that all is well again."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = user.memberships.select_related("company").order_by("company__name", "pk")
        self.fields["companies"].queryset = Company.objects.for_user(user).order_by("name", "pk")  # type: ignore[attr-defined]
        self.initial.setdefault("companies", [place.company_id for place in mine if place.is_notified])
