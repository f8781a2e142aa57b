# Everything this project does by itself. Each target sets up what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help demo test bench lint types browser format clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.runs ## The whole product on an invented world; ARGS="--no-browser --port 8600"
	@exec $(BIN)/tieout demo $(ARGS)

test: lint types browser ## Everything CI runs
	$(BIN)/python -m pytest -n 2 --dist loadfile $(or $(ARGS),--cov)

bench: $(VENV)/.bench ## What calls, syncs, the ledger and questions cost, to docs/benchmarks.md; ARGS="ingest memory"
	$(BIN)/python -m tests.bench $(ARGS)

lint: $(VENV)/.tests ## Style, formatting, import directions, no money in floats
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m tests.lint.money

types: $(VENV)/.tests ## mypy, strict
	$(BIN)/mypy

browser: $(VENV)/.tests ## Find or install a Chromium for the browser test
	@$(BIN)/python -m tests.e2e.chromium

format: $(VENV)/.tests ## Put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the virtual environment and everything cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tieout needs Python 3.11 or newer: name one with PYTHON=/path/to/python3." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.tests: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.runs

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@ $(VENV)/.tests $(VENV)/.runs
