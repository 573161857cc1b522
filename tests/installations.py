"""Whole installations for tests."""

from scripts.throwaway import installed, own_databases, own_queue

__all__ = ["installed", "own_databases", "own_queue"]
