"""The resident's tasks on a slow network that breaks (screens.md 5.7, U5), and what pages weigh (U12)."""
