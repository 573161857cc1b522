"""A made-up bank world: banks, accounts, and what moves on them. Pure, and the same at every run.

Everything follows from a seed and a moment: no database, no provider's words, no state but caches. Money is a whole
number of the currency's smallest unit, signed from the holder's side: + in, − out.
"""
