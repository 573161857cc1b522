"""Dates and times of Django's own pages, where the project writes them another way than Django."""
