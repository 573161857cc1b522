"""The ground floor of the bank feed: neutral types, errors, both doors to the network, one adapter per provider.

No models and no pages. The app uses ``providers.client``; the proxy uses the adapters.
"""
