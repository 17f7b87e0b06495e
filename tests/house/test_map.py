"""docs/map.md says what the code says."""

import subprocess
import sys

from tests.house.source import ROOT


def test_the_map_is_true():
    done = subprocess.run(
        [sys.executable, "-m", "tools.map", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
