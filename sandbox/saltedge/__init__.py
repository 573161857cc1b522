"""Salt Edge's API, version 6, and its widget, over the pretend banks.

A connection shows what its last reading of the bank found: news needs a refresh, as with the real one.
"""
