"""Tests of what starts, checks and shows the project."""
