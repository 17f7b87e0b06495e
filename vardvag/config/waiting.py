"""How many requests this process holds: being answered, or waiting for a thread."""

requests = 0
