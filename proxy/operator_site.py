"""The operators' site, and how they sign in to it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from proxy.services import operators


class OperatorSignIn(AdminAuthenticationForm):
    """Every sign-in is written down; after a few wrong passwords for a name, none is looked at for a while."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username") or ""
        if operators.is_locked_out(name):
            minutes = int(operators.WINDOW.total_seconds() // 60)
            raise ValidationError(f"Too many wrong passwords for this name: try again in {minutes} minutes.")
        try:
            cleaned = super().clean()
        except ValidationError:
            operators.note_failed_sign_in(name)
            raise
        operators.note(name, operators.SIGNED_IN)
        return cleaned


class OperatorSite(admin.AdminSite):
    """Django's admin, for those who run the proxy."""

    site_header = "banksync proxy"
    site_title = "banksync proxy"
    index_title = "Operation"
    site_url = None
    login_form = OperatorSignIn
