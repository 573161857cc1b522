"""The phone as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class PhoneConfig(AppConfig):
    """Routes under ``/phone``."""

    name = "sandbox.phone"
    label = "phone"
