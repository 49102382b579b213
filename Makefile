# The front door. `make help` lists what it opens.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

INSTALLED := .venv/.installed

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED)  ## make the virtual environment and install everything into it

$(INSTALLED): constraints.txt pyproject.toml tap-sevdesk/pyproject.toml target-duckdb/pyproject.toml sandbox/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else f"Python {sys.version.split()[0]} is not supported: install 3.11, 3.12 or 3.13 and name it, as in: make PYTHON=python3.12 run")'
	@echo "installing into .venv (one to three minutes, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode --constraint constraints.txt \
	  --editable ./tap-sevdesk --editable ./target-duckdb --editable ./sandbox --editable '.[test]'
	@touch $@

.PHONY: constraints
constraints:  ## resolve the exact versions anew (needs a working .venv)
	@{ sed '/^[^#]/,$$d' constraints.txt; \
	   $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --all-extras --no-header --no-annotate \
	     pyproject.toml tap-sevdesk/pyproject.toml target-duckdb/pyproject.toml sandbox/pyproject.toml; } > .venv/constraints.txt
	@mv .venv/constraints.txt constraints.txt
