"""Registers the connections app."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "connections"
