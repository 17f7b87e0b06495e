"""Chaos: people act over HTTP against the real product while it is killed, frozen, starved and cut off; then a
checker says whether anything acknowledged was lost, doubled or seen in two orders.

`make chaos` (SEED, MINUTES, WRITERS, FAULTS, SABOTAGE, RACES); docs/chaos.md says what is checked, and how each
check was seen to fail.
"""
