"""Where untrusted bytes are opened: a process with no rights, and the few modules that run in it.

Everything here but run.py and magic.py is imported by that process, so it imports neither Django nor other parts.
"""
