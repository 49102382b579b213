# The front door. `make help` lists what it opens.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
# Meltano and Dagster find the tap, the loader and dbt by name.
export PATH := $(BIN):$(PATH)
# A certificate that the machine trusts (a company's, say) is good enough for uv, too.
export UV_SYSTEM_CERTS := 1

INSTALLED := .venv/.installed
PACKAGES := tap-sevdesk tap-ecb target-duckdb sandbox report
CODE := orchestration tests benchmarks $(PACKAGES)
# Runs a command with a sevDesk to read: the real one when SEVDESK_API_KEY is given, else the sandbox.
WITH_SEVDESK := sevdesk-sandbox

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(INSTALLED)  ## the whole pipeline once: sevDesk -> warehouse -> dbt -> output/report.html
	@$(WITH_SEVDESK) python -m orchestration hourly

.PHONY: nightly
nightly: $(INSTALLED)  ## the same with a full read, which repairs and finds what was deleted
	@$(WITH_SEVDESK) python -m orchestration nightly

.PHONY: accept-deletes
accept-deletes: $(INSTALLED)  ## publish once although sevDesk no longer lists much of what is published
	@ACCEPT_DELETES=1 $(WITH_SEVDESK) python -m orchestration hourly

.PHONY: dev
dev: UI_PORT = $(or $(PORT),3000)
dev: $(INSTALLED)  ## the Dagster UI with schedules, alerts and webhook, on http://127.0.0.1:3000 (PORT=...)
	@python -c 'import socket; socket.create_server(("127.0.0.1", $(UI_PORT)))' 2>/dev/null \
	  || { echo "Port $(UI_PORT) is in use. Stop what uses it, or choose another: make dev PORT=3001" >&2; exit 1; }
	@DAGSTER_HOME=$(CURDIR)/.dagster $(WITH_SEVDESK) bash -c 'python -m orchestration.webhook & \
	  trap "kill $$! 2>/dev/null || true" EXIT; dagster dev --host 127.0.0.1 --port $(UI_PORT)'

.PHONY: sandbox
sandbox: $(INSTALLED)  ## only the made-up sevDesk, on http://127.0.0.1:8765 (PORT=...)
	@sevdesk-sandbox --port $(or $(PORT),8765)

.PHONY: doctor
doctor: $(INSTALLED)  ## check the whole configuration, line by line (SEND=1 sends a test message)
	@python -m orchestration.doctor $(if $(SEND),--send)

.PHONY: test
test: $(INSTALLED)  ## every test of every room
	@pytest -n 2

.PHONY: verify-snowflake
verify-snowflake: $(INSTALLED)  ## both worlds compared in a throw-away database of your Snowflake account
	@python -m tests.snowflake.verify

.PHONY: bench
bench: $(INSTALLED)  ## the tap and the pipeline beside others; ONLY=extract ROUNDS=5 SIZE=10000 if you like
	@python -m benchmarks $(ONLY) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SIZE),--size $(SIZE))

.PHONY: lint
lint: $(INSTALLED)  ## style and types of Python and SQL
	@ruff check $(CODE)
	@ruff format --check --quiet $(CODE)
	@mypy orchestration tests benchmarks
	@for package in $(PACKAGES); do (cd $$package && mypy .) || exit 1; done
	@cd transform && WAREHOUSE_PATH=:memory: sqlfluff lint --processes 1 models tests

.PHONY: reset
reset:  ## forget local state: bookmarks, warehouse, run history, report
	@rm -rf .meltano output transform/target transform/logs
	@find .dagster -mindepth 1 ! -name dagster.yaml -delete 2>/dev/null || true

.PHONY: install
install: $(INSTALLED)  ## the virtual environment with everything in it

$(INSTALLED): constraints.txt pyproject.toml $(PACKAGES:%=%/pyproject.toml)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11, 3.12 or 3.13 and name it: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "Python %d.%d is too old or too new for this project. Install 3.11, 3.12 or 3.13 and name it: make PYTHON=python3.12 run" % v)'
	@echo "Installing into .venv, once; this takes a minute or two ..."
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	@VIRTUAL_ENV=.venv uv pip install --quiet --compile-bytecode --constraint constraints.txt \
	  $(PACKAGES:%=--editable ./%) --editable '.[test]'
	@touch $@

.PHONY: constraints
constraints:  ## resolve the exact versions anew (needs a working .venv)
	@{ sed '/^[^#]/,$$d' constraints.txt; \
	   uv pip compile --quiet --universal --python-version 3.11 --upgrade --all-extras --no-header --no-annotate \
	     pyproject.toml $(PACKAGES:%=%/pyproject.toml); } > .venv/constraints.txt
	@mv .venv/constraints.txt constraints.txt
