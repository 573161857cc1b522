"""Tests of an installation as an operator runs it."""
