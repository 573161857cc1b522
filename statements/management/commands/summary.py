"""Says what stands in the books: lines, statements, and each journal's balance beside the bank's."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from statements import queries
from statements.models import Journal, Statement, StatementLine


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        facts = _facts()
        if options["json"]:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(f"{facts['lines']} lines in {facts['statements']} statements")
        for journal in facts["journals"]:
            self.stdout.write(
                f"{journal['name']}: {journal['balance']} {journal['currency']}, bank {journal['bank_balance']}: "
                f"{journal['verdict']}"
            )


def _facts() -> dict[str, Any]:
    journals = []
    for journal in queries.with_balance(Journal.objects.order_by("code")):
        proof = queries.proof_of(journal)
        journals.append(
            {
                "name": journal.name,
                "currency": journal.currency,
                "lines": journal.lines.count(),
                "statements": journal.statements.count(),
                "balance": None if proof.ours is None else str(proof.ours),
                "bank_balance": None if proof.bank is None else str(proof.bank),
                "verdict": proof.verdict,
                "agrees": proof.verdict == "agrees",
            }
        )
    return {
        "lines": StatementLine.objects.count(),
        "statements": Statement.objects.count(),
        "journals": journals,
    }
