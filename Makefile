# make run: the product on http://localhost:8000 (PORT, VARDVAG_DATA). make check: the house. make test: every other test.
.PHONY: learn triage-eval triage-fuzz attacks leaving slow load chaos matrix setup run check test bench map messages lock clean restore-drill hostile campaigns nightly weekly
PY := .venv/bin/python

setup:
	@tools/setup.sh

run: setup
	@exec .venv/bin/vardvag run

check: setup
	@$(PY) -m tools.check

test: setup
	@$(PY) -m tools.test

# Speed at the size asked, appended to docs/performance.md: make bench CASES=10000000. VARDVAG_BENCH says where the
# databases are kept. BENCH="--profile --kinds queue" and other words: python -m tools.bench --help.
CASES ?= 1000000
bench: setup
	@$(PY) -m tools.bench --cases $(CASES) $(or $(BENCH),--jobs --live 1,500,2000,5000 --write)

# Kills, freezes, full disks, broken networks, races; a checker compares (docs/chaos.md). CHAOS="kills --minutes 15".
chaos: setup
	@$(PY) -m tools.chaos $(or $(CHAOS),$(if $(SABOTAGE),--sabotage $(SABOTAGE),$(if $(RACES),races --races $(RACES),short)))

# Hostile input (docs/hostile.md): make hostile CASES=100000, or HOSTILE="scripts --rounds 20", parsers, files, wire, all.
hostile: setup
	@$(PY) -m tools.hostile $(or $(HOSTILE),doors) $(if $(filter command line,$(origin CASES)),--cases $(CASES)) \
	  $(if $(SEED),--seed $(SEED))

# Who may see what: every address by everybody, checks switched off, reads logged, the log tampered with (docs/matrix.md).
REQUESTS ?= 50000
matrix: setup
	@$(PY) -m tools.matrix --requests $(REQUESTS) $(MATRIX)

# Goals G1 to G3: a day, a Monday morning, open pages (docs/performance.md, "Load"). MINUTES, RATE; LOAD="g2 --sent 500".
load: setup
	@$(PY) -m tools.load --cases $(CASES) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RATE),--rate $(RATE)) \
	  $(or $(LOAD),$(if $(SABOTAGE),--sabotage $(SABOTAGE),all))

# Each attack on login so many times (G25); rights that end, and what is gone on with (G26): make leaving TIMES=1000.
# SABOTAGE=name breaks the product on purpose: green when it is found out (tools/attacks/sabotage.py lists them).
# ATTACKS="--seed 2 --only mix_up", --source, --write.
attacks leaving: setup
	@$(PY) -m tools.attacks $(if $(filter leaving,$@),leaving,login) $(if $(TIMES),--times $(TIMES)) \
	  $(if $(SABOTAGE),--sabotage $(SABOTAGE)) $(ATTACKS)

# The resident's tasks at 400 kbit/s with losses and disconnects, and what pages weigh. SLOW="weights --write".
slow: setup
	@$(PY) -m tools.slow $(or $(SLOW),both)

# The goals of docs/trust.md that a command shows: sampled, an hour; in full, a day. A run that was stopped goes on.
# PROOFS="--only races,doors".
nightly weekly: setup
	@$(PY) -m tools.proofs $(if $(filter weekly,$@),--weekly) $(PROOFS)

# The campaigns in short, which the suite runs last.
campaigns: setup
	@$(PY) -m pytest -q -n 2 --dist loadfile tests/campaigns

# Teaches the ranker of reasons from tools/openings/corpus. LEARN=--cross: how well, author by author.
learn: setup
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/learn.lock
	@$(PY) -m tools.openings.learn $(LEARN)

# Invented patients and golden cases through the triage (vardvag/services/triage/evaluation). EVAL="--held".
triage-eval: setup
	@$(PY) -m vardvag.services.triage.evaluation $(EVAL)

# Random texts and answers against the interview: TEXTS=100000.
TEXTS ?= 100000
triage-fuzz: setup
	@$(PY) -m vardvag.services.triage.evaluation.fuzz --texts $(TEXTS)

map: setup
	@$(PY) -m tools.map

messages: setup
	@$(PY) -m tools.messages

# The demo region backed up, restored into an empty place and compared; figures into docs/performance.md.
restore-drill: setup
	@$(PY) -m tools.restore_drill

# After changing dependencies in pyproject.toml.
lock: setup
	@$(PY) -m pip install --quiet uv
	@$(PY) -m uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal --no-emit-index-url \
	  --generate-hashes --quiet -o requirements/dev.lock
	@$(PY) -m uv pip compile pyproject.toml --python-version 3.11 --universal --no-emit-index-url \
	  --generate-hashes --quiet -c requirements/dev.lock -o requirements/run.lock
	@$(PY) -m uv pip compile pyproject.toml --extra learn --python-version 3.11 --universal --no-emit-index-url \
	  --generate-hashes --quiet -c requirements/dev.lock -o requirements/learn.lock

clean:
	rm -rf .cache .mypy_cache .ruff_cache .import_linter_cache build *.egg-info
