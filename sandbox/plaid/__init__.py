"""Plaid's API over the pretend bank world: its routes, its words, its errors and its pages.

https://plaid.com/docs/api/
"""
