"""Plaid: its routes, its words, its shapes."""
