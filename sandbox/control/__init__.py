"""The door for tests and demos: the sandbox's clock, its faults, and the truth that answers are held against."""
