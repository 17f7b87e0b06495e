"""Hostile input: every address, form, header, upload and live message attacked, from the list of addresses itself.

`make hostile` (GOAL, CASES, SEED); docs/hostile.md says what is checked, and how each check was seen to fail.
"""
