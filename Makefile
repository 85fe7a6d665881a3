# One front door: people and continuous integration call the same targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules
# Tests and commands start many processes: none is to compile anew what another has compiled.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
REGION ?= lombardia
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq
# What is installed is compiled when it is imported: most never is. pyspark comes as source, and its
# half gigabyte of archives is packed for a moment only.
TOOLS  := $(PIP) --no-compile --no-build-isolation --config-settings=--build-option=--compression=stored
LOCK   := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 \
          --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"

.PHONY: help setup tools demo test check browser docs bench lock release-check clean chromium

help:  ## Print this help
	@awk 'BEGIN {FS = ":.*## "; print "make TARGET\n"} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp-nexpo  ## Make .venv with nexpo and what it runs on
	@echo "ready: $(BIN)/nexpo --help"

tools: $(VENV)/.stamp-dev $(VENV)/.stamp-nexpo  ## Make .venv with the tests' and checks' tools too
	@echo "ready: make check test"

demo: $(VENV)/.stamp-nexpo  ## Set up, build a region (REGION=lombardia) and name its dossier
	@$(BIN)/nexpo build $(REGION)

test: $(VENV)/.stamp-dev $(VENV)/.stamp-nexpo chromium  ## Set up and run all tests
	@$(BIN)/pytest -n 2 --cov --cov-report=term $(ARGS)

check: $(VENV)/.stamp-dev $(VENV)/.stamp-nexpo  ## Lint, format, types, import contracts, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.make_reference --check

browser: $(VENV)/.stamp-dev $(VENV)/.stamp-nexpo chromium  ## Run only the browser tests
	@$(BIN)/pytest -m browser $(ARGS)

docs: $(VENV)/.stamp-dev $(VENV)/.stamp-nexpo  ## Regenerate docs/reference from the code
	@$(BIN)/python -m tools.make_reference

bench: $(VENV)/.stamp-bench $(VENV)/.stamp-nexpo  ## Measure, beside a peer in the same run
	@$(BIN)/pytest benchmarks -m bench -s $(ARGS)

lock: $(VENV)/.stamp  ## Resolve the dependencies anew into requirements/*.lock
	@test -x $(BIN)/uv || $(PIP) 'uv>=0.13,<0.14'
	@$(LOCK) --upgrade pyproject.toml -o requirements/base.lock
	@$(LOCK) --upgrade pyproject.toml --extra postgres --extra spark --group dev -c requirements/base.lock -o requirements/dev.lock
	@$(LOCK) --upgrade --group bench -c requirements/base.lock -c requirements/dev.lock -o requirements/bench.lock
	@$(LOCK) --upgrade --group build -c requirements/dev.lock -o requirements/build.lock

release-check: $(VENV)/.stamp-dev $(VENV)/.stamp-nexpo  ## Build the wheel; fail if it carries data we may not pass on
	@rm -rf dist && $(BIN)/hatchling build -t wheel
	@$(BIN)/python -m tools.release_check dist/*.whl

clean:  ## Remove everything that can be made again
	@rm -rf $(VENV) dist .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. A stamp is written last, so an interrupted set-up leaves none and the next call starts
# from an empty folder. `dev` grows the base in place and withdraws the base's stamp meanwhile.
$(VENV)/.stamp: requirements/build.lock requirements/base.lock
	@rm -f $@
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Nexpo needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --require-hashes -r requirements/build.lock
	@$(PIP) --no-compile --require-hashes -r requirements/base.lock
	@touch $@

$(VENV)/.stamp-dev: requirements/dev.lock $(VENV)/.stamp
	@mv $(VENV)/.stamp $(VENV)/.withdrawn
	@echo "adding the tests' and checks' tools to $(VENV) (once, about a minute) ..."
	@$(TOOLS) --require-hashes -r requirements/dev.lock
	@mv $(VENV)/.withdrawn $(VENV)/.stamp
	@touch $@

$(VENV)/.stamp-bench: requirements/bench.lock $(VENV)/.stamp-dev
	@echo "adding the benchmarks' peers to $(VENV) (once) ..."
	@$(TOOLS) --require-hashes -r requirements/bench.lock
	@touch $@

$(VENV)/.stamp-nexpo: pyproject.toml $(VENV)/.stamp
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

# The browser tests skip with a reason where there is no Chromium and no right to install it.
chromium:
	@command -v chromium >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing chromium ..."; export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null </dev/null; \
	else echo "no chromium here (apt-get install chromium): the browser tests will skip"; fi
