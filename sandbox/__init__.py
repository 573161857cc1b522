"""The pretend banks: the providers' own wire protocols over one made-up bank world. Never in production.

``world`` computes the banks and knows no provider; ``conditions`` holds the sandbox's own time and its armed faults;
each provider's simulator is a folder of its own (``plaid``); ``control`` is the door for tests and demos.
"""
