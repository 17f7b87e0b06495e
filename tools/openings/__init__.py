"""Openings by which the ranker of reasons is taught, and the teaching (`make learn`)."""
