"""Bank files: samples in the official shapes, the facts they hold, and files that nobody should send."""
