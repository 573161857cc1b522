"""The forms of connecting a bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from companies.models import Company
from connections import wording
from connections.models import Connection


class StartForm(forms.Form):
    """What is asked before the bank's page opens: a phone number once per company, and agreement each time."""

    phone_number = PhoneNumberField(
        label=_("Phone number"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_(
            "With the country code, such as +32 470 12 34 56. A code is sent there now, and again if the company is "
            "ever blocked; it is used for nothing else."
        ),
        error_messages={
            "invalid": _("This is not a phone number. Write it with the country code, such as +32 470 12 34 56."),
            "required": _("The first connection of a company needs a phone number."),
        },
    )
    account_kinds = forms.MultipleChoiceField(
        label=_("Only these kinds of account"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With nothing ticked, every account is asked for."),
        error_messages={
            "invalid_choice": _("This bank has no such kind of account: choose from those that are shown."),
            "invalid_list": _("This bank has no such kind of account: choose from those that are shown."),
        },
    )
    consent = forms.BooleanField(
        label=_(
            "I am allowed to read these bank accounts for this company, and agree that their balances and "
            "transactions are fetched."
        ),
        error_messages={"required": _("Without this agreement nothing can be read from the bank.")},
    )

    def __init__(
        self, *args: Any, company: Company, is_confirmed: bool, account_kinds: Sequence[str], **kwargs: Any
    ) -> None:
        """``account_kinds`` are those that can be chosen; without any, none can be sent either."""
        super().__init__(*args, **kwargs)
        self.fields["account_kinds"].choices = [  # type: ignore[attr-defined]
            (kind, capfirst(wording.account_kinds([kind]))) for kind in account_kinds if kind in wording.ACCOUNT_KINDS
        ]
        if is_confirmed:
            del self.fields["phone_number"]
        elif company.phone_number:
            self.initial["phone_number"] = company.phone_number

    def clean_account_kinds(self) -> list[str]:
        """Who ticks every kind asks for everything, also for what has no name here."""
        chosen: list[str] = self.cleaned_data["account_kinds"]
        return [] if len(chosen) == len(self.fields["account_kinds"].choices) else chosen  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    """The code that arrived on the phone."""

    code = forms.RegexField(
        r"^\s*[0-9]{3}\s?[0-9]{3}\s*$",
        label=_("Code"),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "9", "autofocus": True}
        ),
        help_text=_("Six digits, good for ten minutes."),
        error_messages={
            "invalid": _("The code has six digits."),
            "required": _("Enter the code that arrived on the phone."),
        },
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class NoteForm(forms.Form):
    """A note in the chatter."""

    text = forms.CharField(
        label=_("Note"),
        max_length=4000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("An empty note says nothing: write a word or two.")},
    )


class AutomaticForm(forms.Form):
    """Whether the clock fetches a connection, and how often."""

    is_automatic = forms.BooleanField(label=_("Automatic synchronization"), required=False)
    interval_hours = forms.TypedChoiceField(
        label=_("Fetched"),
        coerce=int,
        choices=[
            (1, _("once an hour")),
            (2, _("every 2 hours")),
            (4, _("every 4 hours")),
            (6, _("every 6 hours")),
            (12, _("every 12 hours")),
            (24, _("once a day")),
            (168, _("once a week")),
        ],
    )

    def __init__(self, data: QueryDict | None = None, *, connection: Connection) -> None:
        super().__init__(data)
        self.initial = {"is_automatic": connection.is_automatic, "interval_hours": connection.interval_hours}
        field = self.fields["interval_hours"]
        choices = list(field.choices)  # type: ignore[attr-defined]
        if connection.interval_hours not in [hours for hours, _label in choices]:
            # The server's own interval, where it is none of these.
            own = _("every %(hours)d hours") % {"hours": connection.interval_hours}
            field.choices = sorted([*choices, (connection.interval_hours, own)])  # type: ignore[attr-defined]


class DeleteForm(forms.Form):
    """Where the provider keeps a record of its own, that must be gone first."""

    is_removed = forms.BooleanField(
        label=_("I have removed the connection at the provider."),
        error_messages={"required": _("Remove it at the provider first, or this sign-in may be refused later.")},
    )
