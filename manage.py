"""Django's commands, as the owner of the tables unless VARDVAG_ROLE says app or system."""

import sys

from vardvag.config.cli import main

if __name__ == "__main__":
    sys.exit(main(["manage", *sys.argv[1:]]))
