"""The pretend Ponto, asked over its own wire."""
