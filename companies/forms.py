"""The sign-in form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


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
