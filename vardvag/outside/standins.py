"""What every stand-in asks before it starts."""

import os


class NotInProduction(RuntimeError):
    pass


def forbid_in_production(name: str) -> None:
    """Stand-ins answer to anybody and check nothing: they must not run beside real patients."""
    if os.environ.get("VARDVAG_MODE", "demo") == "production":
        raise NotInProduction(f"The stand-in '{name}' cannot start while VARDVAG_MODE=production.")
