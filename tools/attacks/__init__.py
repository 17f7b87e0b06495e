"""Attacks on login and on sessions that are over, against the real product over HTTP (trust.md G25, G26)."""
