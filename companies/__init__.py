"""Whose books they are: people, companies, and who may do what in which."""
