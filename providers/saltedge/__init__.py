"""Salt Edge: its routes, its words, its shapes."""
