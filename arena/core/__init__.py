"""Decisions, without I/O, clocks or randomness of their own: time and seeds are arguments.

`match` decides what follows from what happens in a match; `clock` what a move costs; `digest` chains all that was
seen and done; `pairing` who meets whom; `rating` and `standings` what results mean.
"""
