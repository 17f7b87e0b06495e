"""The triage engine: answers in, urgency with reasons out. Pure rules; only `load` reads files."""
