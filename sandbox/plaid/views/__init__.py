"""Plaid's routes and pages."""
