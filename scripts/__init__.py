"""What starts, checks and shows the project: each module has one subject, and ``make`` calls them."""
