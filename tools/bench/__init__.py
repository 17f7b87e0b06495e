"""The benchmark: a database of a nation's size, the production processes, and what they reach over HTTP.

`make bench` (CASES, ROUNDS, SECONDS, VARDVAG_BENCH); see __main__.py for the words it understands.
"""
