"""Lines and statements on their way out: one extract of the books, written in the format that was asked for."""
