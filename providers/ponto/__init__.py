"""Ponto: its routes, its words, its shapes."""
