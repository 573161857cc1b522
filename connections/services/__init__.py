"""Everything that is written about connections; one noun per module."""
