"""Registers the connections app."""

from importlib import import_module

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "connections"

    def ready(self) -> None:
        # It waits there for the end of a migration, and needs the models, which exist from here on.
        import_module("connections.search_index")
