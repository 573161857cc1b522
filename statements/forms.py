"""The forms of journals and of linking accounts to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from companies.fields import AmountField, DayField, clean_currency
from connections.models import Account
from foundation.money import PLACES
from providers.errors import FeedError
from statements.models import Journal
from statements.services.linking import Choice
from statements.services.preview import Preview

NEW, NONE = "new", "none"


class LinkAccountForm(forms.Form):
    """One account of a new connection: the journal it feeds, and its first day."""

    journal = forms.ChoiceField(label=_("Journal"))
    first_day = DayField(label=_("First day"), required=False)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        account: Account,
        free: Sequence[Journal],
        earliest: dt.date | None,
        goes_on_with: Journal | None = None,
    ) -> None:
        super().__init__(data, prefix=f"account-{account.pk}")
        self.account = account
        self.goes_on_with = goes_on_with
        # What linking it like this would bring, or why that could not be found out; set when it was asked for.
        self.preview: Preview | None = None
        self.failure: FeedError | None = None
        self.journals = {str(journal.pk): journal for journal in free if journal.currency == account.currency}
        choices = [(NEW, _("New journal: %(name)s") % {"name": account.label})]
        choices += [(pk, journal.name) for pk, journal in self.journals.items()]
        self.fields["journal"].choices = [*choices, (NONE, _("Do not synchronize"))]  # type: ignore[attr-defined]
        suggested = str(goes_on_with.pk) if goes_on_with else self._matching()
        self.initial.setdefault("journal", suggested if suggested in self.journals else NEW)
        self.initial.setdefault("first_day", earliest)

    def clean_first_day(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["first_day"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("The first day cannot lie in the future."))
        return day

    def choice(self) -> Choice:
        """What was chosen, for the service. Only on a valid form."""
        chosen = self.cleaned_data["journal"]
        return Choice(
            account=self.account,
            journal=self.journals.get(chosen),
            is_new=chosen == NEW,
            first_day=self.cleaned_data["first_day"],
        )

    def chosen_journal(self) -> Journal | None:
        """The existing journal that is chosen at the moment, also while the form is not valid."""
        return self.journals.get(str(self["journal"].value()))

    def chosen_day(self) -> dt.date | None:
        """The first day that is chosen at the moment, if it is one."""
        day = self.initial["first_day"] if not self.is_bound else getattr(self, "cleaned_data", {}).get("first_day")
        return day if isinstance(day, dt.date) else None

    def _matching(self) -> str:
        """The journal with this very account number, if there is one."""
        number = self.account.number.replace(" ", "")
        return next((pk for pk, journal in self.journals.items() if number and journal.account_number == number), "")


class JournalForm(forms.ModelForm):
    """A journal's own facts; for a bank that is not listed this is all there is."""

    class Meta:
        model = Journal
        fields = ("name", "bank_name", "account_number", "bic", "currency")
        error_messages = {"name": {"required": _("A journal needs a name.")}}

    def clean_account_number(self) -> str:
        """An IBAN is checked to the last digit; a number that does not begin like one is kept as it is."""
        number = "".join(str(self.cleaned_data["account_number"]).split()).upper()
        if number[:2].isalpha():
            try:
                IBAN(number)
            except SchwiftyException as error:
                raise forms.ValidationError(
                    _("This IBAN is not right: check it for a digit that is missing or swapped.")
                ) from error
        return number

    def clean_bic(self) -> str:
        bic = "".join(str(self.cleaned_data["bic"]).split()).upper()
        if bic:
            try:
                BIC(bic)
            except SchwiftyException as error:
                raise forms.ValidationError(_("This BIC is not right: it has 8 or 11 letters and digits.")) from error
        return bic

    def clean_currency(self) -> str:
        currency = clean_currency(self.cleaned_data["currency"])
        if self.instance.pk and self.instance.currency != currency and self.instance.lines.exists():
            raise forms.ValidationError(
                _("The journal has lines in %(currency)s: its currency stays.") % {"currency": self.instance.currency}
            )
        return currency


class SinceForm(forms.Form):
    """From which day on something is looked for; one month back unless said."""

    since = DayField(label=_("From"))

    def __init__(self, data: Mapping[str, Any]) -> None:
        chosen = data.get("since") or timezone.localdate() - dt.timedelta(days=30)
        super().__init__({"since": chosen})

    def clean_since(self) -> dt.date:
        day: dt.date = self.cleaned_data["since"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day lies in the future."))
        return day


class ManualLineForm(forms.Form):
    """A line entered by hand."""

    booking_date = DayField(label=_("Booking date"))
    amount = AmountField(
        label=_("Amount"),
        max_digits=18,
        decimal_places=PLACES,
        help_text=_("Money that goes out begins with a minus."),
    )
    counterparty_name = forms.CharField(label=_("Counterparty"), max_length=255, required=False)
    counterparty_account = forms.CharField(label=_("Counterparty's account"), max_length=64, required=False)
    remittance = forms.CharField(
        label=_("Text"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_booking_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["booking_date"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("A line cannot be booked in the future."))
        return day

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("A line of zero moves nothing."))
        return amount


class OpeningForm(forms.Form):
    """The balance that a journal starts from."""

    day = DayField(label=_("At the start of"))
    balance = AmountField(label=_("Balance"), max_digits=18, decimal_places=PLACES)


class ReadFromForm(forms.Form):
    """From which day on an account is read again."""

    first_day = DayField(label=_("From"))

    def clean_first_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["first_day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The first day cannot lie in the future."))
        return day
