"""Ends well when a site answers that it is healthy: what a container's engine asks every few seconds."""

from __future__ import annotations

import sys

from scripts.programs import answers

if __name__ == "__main__":
    [address] = sys.argv[1:]
    sys.exit(0 if answers(address) else 1)
