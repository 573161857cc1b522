"""What the proxy's operators see and do: clients, subscriptions, and what is kept about them, without its secrets."""

from proxy.admin import clients, operators, records, subscriptions

__all__ = ["clients", "operators", "records", "subscriptions"]
