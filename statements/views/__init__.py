"""The pages about the books."""
