"""The pages of connecting a bank."""
