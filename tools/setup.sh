#!/bin/sh
# The virtual environment with locked dependencies; nothing to do when it is up to date.
set -eu
cd "$(dirname "$0")/.."
lock="requirements/dev.lock"
mark=$(cat "$lock" pyproject.toml tools/setup.sh | cksum)
if [ -x .venv/bin/python ] && [ "$(cat .venv/.locked 2>/dev/null || true)" = "$mark" ]; then exit 0; fi

# A distribution's own Python is compiled with a profile of its use; those of version managers often are not, and every
# page then costs a third more (docs/performance.md, "Which Python").
python=""
for candidate in "${PYTHON:-}" /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3.13 \
  python3.11 python3.12 python3.13 python3 python; do
  [ -n "$candidate" ] || continue
  if command -v "$candidate" >/dev/null 2>&1 &&
    "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  echo "make: Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv), or name one: PYTHON=/path/to/python3.11" >&2
  exit 1
fi
if [ ! -x .venv/bin/python ]; then
  echo "Making the virtual environment ($($python --version)) ..."
  if ! "$python" -m venv .venv; then
    rm -rf .venv
    echo "make: $python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1
  fi
fi
echo "Installing the locked dependencies ..."
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r "$lock"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
printf '%s' "$mark" > .venv/.locked
