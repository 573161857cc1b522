"""Salt Edge's adapter against payloads as Salt Edge sends them."""

from pathlib import Path


def payload(name: str) -> bytes:
    """The bytes of ``payloads/<name>.json``."""
    return (Path(__file__).parent / "payloads" / f"{name}.json").read_bytes()
