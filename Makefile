# make run: the product on http://localhost:8000 (PORT, VARDVAG_DATA). make test: everything. make check: the house.
.PHONY: setup run check test map messages lock clean
PY := .venv/bin/python

setup:
	@tools/setup.sh

run: setup
	@exec .venv/bin/vardvag run

check: setup
	@$(PY) -m tools.check

test: setup
	@$(PY) -m tools.test

map: setup
	@$(PY) -m tools.map

messages: setup
	@$(PY) -m tools.messages

# After changing dependencies in pyproject.toml.
lock: setup
	@$(PY) -m pip install --quiet uv
	@$(PY) -m uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal --no-emit-index-url \
	  --generate-hashes --quiet -o requirements/dev.lock
	@$(PY) -m uv pip compile pyproject.toml --python-version 3.11 --universal --no-emit-index-url \
	  --generate-hashes --quiet -c requirements/dev.lock -o requirements/run.lock

clean:
	rm -rf .cache .mypy_cache .ruff_cache .import_linter_cache build *.egg-info
