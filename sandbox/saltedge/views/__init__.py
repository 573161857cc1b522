"""Salt Edge's routes and pages."""
