"""Faults on purpose, on whole installations of real programs."""
