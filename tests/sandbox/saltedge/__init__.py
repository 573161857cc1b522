"""The Salt Edge simulator: its routes as a program calls them, and the real adapter against it."""
