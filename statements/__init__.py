"""What was read: journals, statements, lines, and the runs that brought them."""
