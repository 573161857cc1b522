"""Reads what banks hand out as files: bytes in, one neutral ``StatementFile`` per account out. No models here."""
