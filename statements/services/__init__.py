"""Everything that is written about the books; one noun per module."""
