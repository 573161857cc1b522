"""Everything that is written about people and companies."""
