"""The conditions as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings

from sandbox.world import chance


class ConditionsConfig(AppConfig):
    """Also chooses the world, before anything of it is computed."""

    name = "sandbox.conditions"
    label = "conditions"

    def ready(self) -> None:
        chance.plant(settings.SEED)
