"""How a command takes a new person's password, or tells the one that was made up."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from companies.services.people import Admitted


def add_argument(parser: CommandParser) -> None:
    """Lets a command read a password; it never stands on the command line, which others can see."""
    parser.add_argument(
        "--password-from-stdin",
        action="store_true",
        help="Read the password from standard input; otherwise one is made up and printed once.",
    )


def chosen(options: dict[str, Any]) -> str | None:
    """The first line of standard input if that was asked for; ``None``: make one up."""
    return sys.stdin.readline().rstrip("\r\n") if options["password_from_stdin"] else None


def tell(admitted: Admitted, *, out: OutputWrapper) -> None:
    """Prints a password that was made up, and nothing otherwise."""
    if admitted.made_password:
        out.write(f"Their password, which is shown this once: {admitted.made_password}")
