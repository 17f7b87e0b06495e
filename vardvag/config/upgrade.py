"""`vardvag upgrade`: the version it belongs to takes over from the one that runs, without a request refused.

Order: tables first (the old version runs on them: migrations only add, see tests/house/test_expand.py), static files,
then the supervisor starts new pages and worker beside the old pages, which finish what they hold and leave.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from vardvag.config import embedded, place
from vardvag.config.place import Trouble

PATIENCE = 150.0  # seconds until the supervisor has answered
_ASKED, _ANSWER = "upgrade.json", "upgrade.answer"


@dataclass(frozen=True)
class Program:
    """An installed version: its interpreter, and the folder its package lies in."""

    python: str
    package: str

    @classmethod
    def own(cls) -> "Program":
        return cls(sys.executable, str(Path(__file__).resolve().parents[2]))

    @property
    def folder(self) -> Path:
        return Path(self.package)

    def command(self, module: str) -> list[str]:
        return [self.python, "-m", module]


def main() -> int:
    place.check_production()
    folder = place.prepare_data_folder()
    supervisor = _running(folder)
    program = Program.own()
    print("Bringing the tables to this version ...", flush=True)
    done = subprocess.run(
        [*program.command("vardvag.config.prepare"), "migrate", "static"], cwd=program.folder, check=False
    )
    if done.returncode:
        raise Trouble(
            "The tables could not be brought to this version; the reason is above, the old version runs on."
        )
    (folder / _ANSWER).unlink(missing_ok=True)
    _write(folder / _ASKED, json.dumps(asdict(program)))
    print("Replacing pages and worker ...", flush=True)
    os.kill(supervisor, signal.SIGUSR1)
    until = time.monotonic() + PATIENCE
    while not (folder / _ANSWER).exists():
        if time.monotonic() > until or not Path(f"/proc/{supervisor}").exists():
            raise Trouble(
                "vardvag run did not answer; see its terminal and the folder logs in the data folder."
            )
        time.sleep(0.1)
    if said := (folder / _ANSWER).read_text():
        raise Trouble(f"{said}; the old version runs on.")
    print("This version runs now. The supervisor itself is renewed at its next restart.")
    return 0


def _running(folder: Path) -> int:
    """Number of the process that keeps this data folder, if it can be asked."""
    try:
        embedded.lock_data_folder(folder).close()
    except embedded.Held:
        pass
    else:
        raise Trouble(f"Vårdväg does not run on {folder}; start this version with vardvag run.")
    text = (folder / "owner.lock").read_text().strip()
    try:
        status = Path(f"/proc/{int(text)}/status").read_text()
        caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
    except (ValueError, OSError, StopIteration):
        raise Trouble(
            f"The process that keeps {folder} is not on this machine; run vardvag upgrade there."
        ) from None
    if not caught >> (signal.SIGUSR1 - 1) & 1:
        raise Trouble(
            "What runs is no vardvag run that can be renewed (a command, or an older version); restart it."
        )
    return int(text)


def asked(folder: Path) -> Program:
    """What the supervisor is to start; without a wish (SIGUSR1 by hand) its own version afresh."""
    try:
        found = Program(**json.loads((folder / _ASKED).read_text()))
        (folder / _ASKED).unlink()
    except FileNotFoundError:
        return Program.own()
    except (ValueError, TypeError):
        raise Trouble(f"{folder / _ASKED} cannot be read; run vardvag upgrade again.") from None
    if not os.access(found.python, os.X_OK) or not (found.folder / "vardvag").is_dir():
        raise Trouble(f"{found.python} or {found.package} is not there any more")
    return found


def answer(folder: Path, text: str) -> None:
    """Empty: done."""
    _write(folder / _ANSWER, text)


def _write(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.chmod(0o600)
    beside.rename(path)
