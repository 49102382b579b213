# The front door. `make help` lists what it opens.
# GNU make 3.81, which macOS has, is enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := $(CURDIR)/.venv/bin
# Meltano and Dagster find the tap, the loader and dbt by name.
export PATH := $(BIN):$(PATH)
# deploy/install finds a Python unless PYTHON names one.
export PYTHON
# Without bytecode on disk each process of a run would compile the same packages again.
unexport PYTHONDONTWRITEBYTECODE

# What a target needs in .venv: the packages for Snowflake only where it is used, Dagster's UI only where it is looked at,
# those for tests only to test.
SNOWFLAKE := $(shell env | cat - .env 2>/dev/null | grep -Eq '^ *(export )?(MELTANO_ENVIRONMENT *=.*prod|MELTANO_STATE_BACKEND_URI *=.*snowflake:)' && echo snowflake)
INSTALLED := .venv/.installed$(if $(SNOWFLAKE),-snowflake)
UI := .venv/.installed-ui
TESTABLE := .venv/.installed-test
PACKAGES := tap-sevdesk tap-ecb target-duckdb sandbox report
CODE := orchestration tests benchmarks $(PACKAGES)
# Runs a command with a sevDesk to read: the real one when SEVDESK_API_KEY is given, else the sandbox.
WITH_SEVDESK := umask 077 && sevdesk-sandbox

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
	@export ACCEPT_DELETES=1 && $(WITH_SEVDESK) python -m orchestration hourly

.PHONY: dev
dev: $(UI) $(INSTALLED)  ## the Dagster UI with schedules, alerts and webhook, on http://127.0.0.1:3000 (PORT=...)
	@umask 077 && exec sevdesk-sandbox python -m orchestration.dev $(PORT)

.PHONY: sandbox
sandbox: $(INSTALLED)  ## only the made-up sevDesk, on http://127.0.0.1:8765 (PORT=...)
	@"$(BIN)"/sevdesk-sandbox --port $(or $(PORT),8765)

.PHONY: doctor
doctor: $(INSTALLED)  ## check the whole configuration, line by line (SEND=1 sends a test message)
	@umask 077 && python -m orchestration.doctor $(if $(SEND),--send)

.PHONY: probe
probe: $(INSTALLED)  ## what your sevDesk answers to the open questions of BEHAVIOR.md; read-only, nothing personal
	@$(WITH_SEVDESK) meltano --log-level=warning invoke tap-sevdesk:probe

.PHONY: test
test: $(TESTABLE)  ## every test of every part; ONLY=report for those of one part
	@"$(BIN)"/pytest -n 2 --durations=25 --durations-min=20 $(if $(ONLY),$(or $(wildcard tests/$(ONLY) $(ONLY)/tests),$(error There is no part $(ONLY))))

.PHONY: test-fast
test-fast: $(TESTABLE)  ## the tests that start neither the whole pipeline nor a stand-in for Snowflake
	@"$(BIN)"/pytest -n 2 -m 'not slow' --ignore tests/pipeline --ignore tests/snowflake

# tap and loader above all, as others rely on them; `make test` does without, as the tap's tests take two thirds longer when traced
COVERED := tap-sevdesk/tap_sevdesk:96 target-duckdb/sevdesk_target_duckdb:96 tap-ecb/tap_ecb:95 report/sevdesk_report:95
.PHONY: coverage
coverage: $(TESTABLE)  ## how much of each package its own tests run; fails when it is less than the Makefile says
	@"$(BIN)"/pytest -n 2 -q --cov --cov-report= tap-sevdesk tap-ecb target-duckdb tests/report
	@for each in $(COVERED); do \
	  "$(BIN)"/coverage report --skip-covered --include="$${each%:*}/*" --fail-under=$${each#*:} || exit 1; done

.PHONY: verify-snowflake
verify-snowflake: $(TESTABLE)  ## both environments compared in a throw-away database of your Snowflake account
	@"$(BIN)"/python -m tests.snowflake.verify

.PHONY: bench
bench: $(TESTABLE)  ## the tap and the pipeline beside others; ONLY=extract ROUNDS=5 SIZE=10000 if you like
	@"$(BIN)"/python -m benchmarks $(ONLY) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SIZE),--size $(SIZE))

# sqlfluff passes over a model that nests deeper than Python lets it, and is content: what replaces entities does.
SQLFLUFF := import sys; sys.setrecursionlimit(20000); from sqlfluff.cli.commands import cli; cli()

.PHONY: lint lint-python lint-sql
lint: lint-python lint-sql  ## style, types and dependencies of Python, SQL, workflows; --jobs=2 does both at once

lint-python: $(TESTABLE)
	@"$(BIN)"/ruff check $(CODE)
	@"$(BIN)"/ruff format --check --quiet $(CODE)
	@"$(BIN)"/mypy orchestration tests benchmarks
	@"$(BIN)"/deptry orchestration
	@for package in $(PACKAGES); do (cd $$package && "$(BIN)"/mypy . && "$(BIN)"/deptry .) || exit 1; done
	@"$(BIN)"/zizmor --offline --quiet .github

lint-sql: $(TESTABLE)
	@cd transform && WAREHOUSE_PATH=:memory: "$(BIN)"/python -c "$(SQLFLUFF)" lint --processes 1 models tests

.PHONY: reset
reset:  ## forget local state: bookmarks, warehouse, run history, report
	@[ ! -e .venv/.installed ] || python -m orchestration.idle
	@rm -rf .meltano output transform/target transform/logs
	@find .dagster -mindepth 1 ! -name dagster.yaml -delete 2>/dev/null || true

# The services may not write bytecode beside the packages.
.PHONY: install
install: export UV_COMPILE_BYTECODE ?= 1
install: $(UI) $(INSTALLED)  ## the virtual environment with what deploy/ starts

DECLARED := constraints.txt pyproject.toml $(PACKAGES:%=%/pyproject.toml)
.venv/.installed: $(DECLARED)
	@deploy/install
.venv/.installed-snowflake: $(DECLARED)
	@deploy/install snowflake
$(UI): $(DECLARED)
	@deploy/install ui $(SNOWFLAKE)
$(TESTABLE): $(DECLARED)
	@deploy/install snowflake ui test

RESOLVED := uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate
.PHONY: constraints
constraints:  ## resolve the exact versions anew (needs a working .venv)
	@{ sed '/^[^#]/,$$d' constraints.txt; \
	   $(RESOLVED) --upgrade --all-extras pyproject.toml $(PACKAGES:%=%/pyproject.toml); } > .venv/constraints.txt
	@mv .venv/constraints.txt constraints.txt
	@grep -v '^singer-sdk=' constraints.txt > .venv/constraints.txt
	@{ sed '/^[^#]/,$$d' constraints-loader.txt; sed -n 's/.*pip_url: \(.*\) --constraint.*/\1/p' meltano.yml \
	   | $(RESOLVED) --constraint .venv/constraints.txt -; } > .venv/constraints-loader.txt
	@mv .venv/constraints-loader.txt constraints-loader.txt
