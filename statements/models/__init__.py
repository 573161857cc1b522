"""The models of the statements app, one subject per module."""

from statements.models.journal import Journal
from statements.models.line import StatementLine
from statements.models.review import ReviewItem
from statements.models.run import AccountRun, SyncRun
from statements.models.statement import Statement

__all__ = ["AccountRun", "Journal", "ReviewItem", "Statement", "StatementLine", "SyncRun"]
