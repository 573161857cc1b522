"""The pretend phone: text messages that were sent end here, for a person to read on a page and a program as JSON."""
