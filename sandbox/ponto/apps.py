"""The Ponto simulator as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class PontoConfig(AppConfig):
    """Routes under ``/ponto/``."""

    name = "sandbox.ponto"
    label = "ponto"
