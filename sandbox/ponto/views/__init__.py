"""Ponto's routes and pages."""
