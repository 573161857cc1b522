"""The Salt Edge simulator as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class SaltEdgeConfig(AppConfig):
    """Routes under ``/saltedge/``."""

    name = "sandbox.saltedge"
    label = "saltedge"
