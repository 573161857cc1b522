"""Everything the proxy does: one noun per module, verbs inside."""
