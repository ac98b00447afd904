# Everything runs in .venv, which the first target that needs it makes from the lock files.
# Needs Python 3.11 or newer (another one: `make test PYTHON=python3.12`), make and git.

PYTHON ?= python3
SHELL := /bin/bash
BIN := .venv/bin
BEFORE := HEAD
UV := uv==0.13.9
WHICH := -m 'not slow'
PURE := pipelines/parse/*,pipelines/normalize/*,pipelines/records.py,schemas/codes/*

# The instance settings in .dagster, telemetry off among them; dg looks for the environment that it runs in.
DAGSTER := DAGSTER_HOME='$(CURDIR)/.dagster' VIRTUAL_ENV='$(CURDIR)/.venv'

.DEFAULT_GOAL := help
.PHONY: help release test check format dev golden notebooks compare truth fuzz kills bench lock

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

release: .venv/project ## Read seeds/ and publish a new version in outputs/, if anything changed
	@$(BIN)/monographs release

test: .venv/development ## Run the tests, but for those that are marked as slow
	@$(BIN)/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder $(WHICH)

check: WHICH := --cov --cov-report=term
check: style types imports definitions test ## What CI runs: format, lint, types, imports, Dagster, and all tests with coverage floors
	@$(BIN)/coverage report --include='$(PURE)' --fail-under=95

.PHONY: style types imports definitions
style: .venv/development
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: .venv/development
	@$(BIN)/mypy

definitions: .venv/development
	@$(DAGSTER) $(BIN)/dg check defs

imports: .venv/development
	@$(BIN)/lint-imports --no-logo

format: .venv/development ## Format the code and mend what the linter can mend
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

dev: .venv/development ## Open the Dagster UI on http://127.0.0.1:3000
	@$(DAGSTER) $(BIN)/dg dev --host 127.0.0.1 --port 3000

golden: .venv/development ## Rebuild tests/golden; review the result as a diff
	@$(BIN)/python -m tests.golden

notebooks: .venv/development ## Run the notebooks on the newest release and put them into the catalogue
	@$(BIN)/python -m notebooks.render

compare: .venv/development ## Compare what is read with BEFORE=commit: rows that differ, by table and kind (ALSO=folders, ROWS=file)
	@$(BIN)/python -m tests.snapshot $(BEFORE) $(if $(ALSO),--also $(ALSO)) $(if $(ROWS),--rows $(ROWS))

truth: .venv/development ## Read 200,000 lines whose strengths are known, and print what becomes of them by kind
	@$(BIN)/python -m tests.truth $(if $(LINES),--lines $(LINES)) $(if $(SEED),--seed $(SEED))

fuzz: .venv/development ## Read 20,000 damaged documents of every format (DOCUMENTS=…, SEED=…); what breaks is kept in found/
	@$(BIN)/python -m tests.fuzz $(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(if $(SEED),--seed $(SEED))

kills: .venv/development ## Kill publishers at 200 random moments and at every step, let others race, and print a table
	@MONOGRAPHS_KILLS=$(or $(KILLS),200) $(BIN)/python -m pytest -q -k 'killed or eight' tests/test_faults.py \
		tests/test_object_store.py tests/test_publish.py

bench: .venv/development ## Measure reading, beside the commit BEFORE and for ALSO=folders too, and releases
	@BEFORE='$(BEFORE)' ALSO='$(ALSO)' $(BIN)/python -m tests.bench

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE) \
	pyproject.toml --group build

lock: .venv/development ## Lock what pyproject.toml asks for; `make lock UPGRADE=--upgrade` takes the newest
	@$(BIN)/pip install --quiet '$(UV)'
	@$(COMPILE) --group dev --output-file requirements-dev.lock
	@$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock
	@git --no-pager diff --stat -- requirements.lock requirements-dev.lock

# A file in .venv says that a step is done: the libraries of the release, the project itself, the tools of development.
# Every file that pip fetches must have a hash of the lock. What pip says is kept; only names are shown, or the failure.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --progress-bar off
NAMES := tee .venv/install.log | awk '/^Collecting/ { print "  " $$2; fflush() }'
FAILED := { tail -n 20 .venv/install.log; exit 1; }

.venv/runtime: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || \
		{ echo 'Python 3.11 or newer is needed. Name one: make PYTHON=python3.12' >&2; exit 2; }
	@echo 'Installing the locked libraries into .venv (the first time takes a minute or two):'
	@$(PYTHON) -m venv --clear .venv
	@set -o pipefail; $(PIP) --require-hashes --requirement $< 2>&1 | $(NAMES) || $(FAILED)
	@touch $@

.venv/project: pyproject.toml .venv/runtime
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/development: requirements-dev.lock .venv/project
	@echo 'Installing the locked tools of development into .venv:'
	@set -o pipefail; $(PIP) --require-hashes --requirement $< 2>&1 | $(NAMES) || $(FAILED)
	@touch $@
