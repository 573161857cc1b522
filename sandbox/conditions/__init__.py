"""The conditions a simulator works under: the sandbox's own time, and the faults armed in it."""
