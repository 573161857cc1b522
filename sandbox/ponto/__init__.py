"""A pretend Ponto: its JSON:API, its OAuth server, its pages and its webhooks, over the pretend banks.

https://documentation.ibanity.com/ponto-connect/api
"""
