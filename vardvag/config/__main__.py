"""`python -m vardvag.config` is the command `vardvag`."""

import sys

from vardvag.config.cli import main

sys.exit(main())
