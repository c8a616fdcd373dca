# Everything a person does with this project; `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.installed-to-run
DEVELOPS := $(VENV)/.installed-to-develop

# So that no process which tests or benchmarks start compiles the sources anew, also where Python may not keep bytecode.
COMPILE := $(BIN)/python -m compileall -q initterm tests benchmarks

# It keeps the tests as it rewrites them, which takes it seconds.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest

.DEFAULT_GOAL := help
.PHONY: help run test test-all lint types contracts check bench monkeys screenshots trainable-depth recording docs notebook calibration guide-figures clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1: \2/p' $(MAKEFILE_LIST)

run: $(RUNS) ## install into .venv if needed, and open the app
	@$(BIN)/initterm

test: $(DEVELOPS) ## install what tests need if needed, and run all but the slow ones
	@$(COMPILE)
	@$(PYTEST)

test-all: $(DEVELOPS) ## run what `make test` leaves out, in a random order, or in that of SEED=
	@$(COMPILE)
	@$(PYTEST) -m slow --shuffle $(or $(SEED),$(shell date +%s))

lint: $(DEVELOPS) ## check style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEVELOPS) ## check types, strictly
	@$(BIN)/mypy

contracts: $(DEVELOPS) ## check that no floor imports upward
	@$(BIN)/lint-imports

check: test lint types contracts ## tests, style, types and contracts

bench: $(DEVELOPS) ## measure what is claimed to be fast, as ratios
	@$(COMPILE)
	@echo "== start-up" && $(BIN)/python -m benchmarks.startup
	@echo "== a kernel" && $(BIN)/python -m benchmarks.explore 2>/dev/null
	@echo "== event loop" && $(BIN)/python -m benchmarks.lag
	@echo "== curves" && $(BIN)/python -m benchmarks.curves
	@echo "== bytes, and a slow line" && $(BIN)/python -m benchmarks.line
	@echo "== runs" && $(BIN)/python -m benchmarks.runs
	@echo "== training" && $(BIN)/python -m benchmarks.training 2>/dev/null
	@echo "== a training that is watched" && $(BIN)/python -m benchmarks.watch 2>/dev/null
	@echo "== sweeps" && $(BIN)/python -m benchmarks.sweeps idle 2>/dev/null
	@$(BIN)/python -m benchmarks.sweeps busy 2>/dev/null
	@$(BIN)/python -m benchmarks.sweeps same 2>/dev/null
	@$(BIN)/python -m benchmarks.sweeps tiny 2>/dev/null
	@$(BIN)/python -m benchmarks.sweeps many 2>/dev/null
	@$(BIN)/python -m benchmarks.streaming 2>/dev/null
	@echo "== 30 layers" && $(BIN)/python -m benchmarks.depth 2>/dev/null
	@echo "== signal" && $(BIN)/python -m benchmarks.signal 2>/dev/null
	@echo "== fits" && $(BIN)/python -m benchmarks.fits power 10 2>/dev/null
	@$(BIN)/python -m benchmarks.fits speed 2>/dev/null
	@echo "== audit" && $(BIN)/python -m benchmarks.audit architectures 2>/dev/null
	@$(BIN)/python -m benchmarks.audit alarms 10 2>/dev/null
	@$(BIN)/python -m benchmarks.audit bugs 2>/dev/null

monkeys: $(DEVELOPS) ## let monkeys try to break it, for SECONDS=600, as SEED= says
	@$(BIN)/python -m tests.monkeys --seconds $(or $(SECONDS),600) $(addprefix --seed ,$(SEED))

screenshots: $(DEVELOPS) ## take the pictures of README and docs/ anew, dark and light
	@$(BIN)/python -m screenshots.take

trainable-depth: $(DEVELOPS) ## measure anew the map of trainable depth that README shows; some minutes
	@$(BIN)/python -m screenshots.measure 2>/dev/null

recording: $(DEVELOPS) ## record the README's film anew, from the real program
	@$(BIN)/python -m screenshots.record

docs: $(DEVELOPS) ## write what README and docs/ tell of keys and options, from the code
	@$(BIN)/python -m docs

notebook: $(DEVELOPS) ## execute the notebook of examples/ anew
	@$(BIN)/python -m docs.notebook

calibration: $(DEVELOPS) ## simulate what is promised, and write docs/calibration.md anew
	@$(BIN)/python -m docs.calibration

guide-figures: $(DEVELOPS) ## measure anew, on MNIST, those figures in the Guide whose experiment was changed; all: ALL=1
	@$(BIN)/python -m docs.guide_figures $(if $(ALL),--all) 2>/dev/null

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "initterm needs Python 3.11 to 3.13; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(RUNS): pyproject.toml | $(VENV)/bin/python
	@echo "Installing initterm into $(VENV) (TensorFlow is large: a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(DEVELOPS): pyproject.toml | $(VENV)/bin/python
	@echo "Installing initterm and what its tests need into $(VENV) (a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(RUNS)
