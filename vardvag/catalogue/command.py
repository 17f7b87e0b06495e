"""`vardvag load-catalogue`: case types, forms, terms and texts from files; a changed file makes a new version."""

import sys
from pathlib import Path

from django.db import transaction

from vardvag.catalogue import actions
from vardvag.catalogue.definition import BadFiles
from vardvag.catalogue.files import DATA
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.organisation.models import Unit


def main(words: list[str]) -> int:
    """A folder (none: the basic range that is shipped), and --offer as wished. 0 done, 2 refused as a whole."""
    actor, now = SystemActor("load-catalogue"), clock.now()
    folders = [Path(word) for word in words if word and not word.startswith("--")]
    folder = folders[0] if folders else DATA
    if not (folder / "case_types").is_dir():
        print(f"{folder}: no folder case_types there; name the folder that holds it.", file=sys.stderr)
        return 2
    with transaction.atomic():
        try:
            loaded = actions.load_files(actor=actor, now=now, folder=folder)
        except BadFiles as bad:
            print(bad, file=sys.stderr)
            return 2
        for word, keys in (("new", loaded.created), ("new version", loaded.changed)):
            for key in keys:
                print(f"{key}: {word}")
        print(
            f"{len(loaded.created)} new, {len(loaded.changed)} with a new version, {len(loaded.unchanged)} as before."
        )
        if "--offer" in words:
            units = Unit.objects.filter(archived_at=None, mother=None).values_list("pk", flat=True)
            actions.offer_all(actor=actor, unit_ids=list(units), now=now)
            print(f"Every unit ({len(units)}) offers them; what a unit had settled itself is left alone.")
    return 0
