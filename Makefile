# make run     serve on http://127.0.0.1:8000 with the demo (PORT=8001 takes another port)
# make test    the whole suite
# make check   format, lint, types, import contracts, dependency audit
# make chaos   the long form of races, kills and faults
# make bench   measure
# make clean   remove what was made here, ./var (the database!) apart

PORT ?= 8000
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# A lock is whole, so nothing is resolved: older pips look past a lock for what has extras.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet install --no-deps

.PHONY: run test check chaos bench clean docs
.DELETE_ON_ERROR:

run: .venv/run.stamp
	@exec $(BIN)/twosigma serve --demo --port $(PORT)

test: .venv/dev.stamp
	$(BIN)/python -m tests

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests bench
	$(BIN)/lint-imports
	@$(BIN)/python .ci/audit

chaos: .venv/dev.stamp
	$(BIN)/python -W error -m pytest -m chaos --timeout=1800

bench: .venv/dev.stamp
	$(BIN)/python -m bench

docs: .venv/dev.stamp
	$(BIN)/python -c 'from twosigma.settings import settings_table as page; print(page(), end="")' > docs/settings.md

clean:
	rm -rf .venv build dist htmlcov .coverage* .hypothesis .*_cache src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is newer than what it was made from: a second run installs nothing.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "2Sigma needs Python 3.11 or newer" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
