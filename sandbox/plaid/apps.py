"""The Plaid simulator as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class PlaidConfig(AppConfig):
    """Routes under ``/plaid/``."""

    name = "sandbox.plaid"
    label = "plaid"
