# One command each; everything they make lies in .venv, .venv-cose, .home and node_modules.
#
#   make run     serve the demonstration on http://127.0.0.1:8000
#   make test    every test (also installs what they need: see tests/setup/)
#   make lint    ruff and mypy
#   make bench   measure; writes bench/results/latest.json
#   make fuzz    hand in 100,000 changed documents at the verifier's doors, and 20,000 hostile names at all doors;
#                N=1000 and SEED=7 choose others
#   make torture  kill 10,000 processes that issue and end documents, and judge what is left; N=500 and SEED=7
#                choose others
#   make fuzz-bytes  change every byte of every original, one bit of it chosen by SEED
#   make lock    re-make the lock files; LOCK_FLAGS=--upgrade takes newer versions

PYTHON ?= python3
PYTEST_FLAGS ?= -n 2 --dist loadgroup
LOCK_FLAGS ?=
N ?= 100000
SEED ?=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
CODE := $(wildcard schemas keys registry issuer verifier tanu tests bench)

# Every package is checked against its hash and comes as a wheel: no compiler is needed, and none runs.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
LOCKED := $(INSTALL) --require-hashes --only-binary :all:
LOCK := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" $(LOCK_FLAGS)

.PHONY: run env test lint bench fuzz fuzz-bytes torture lock clean
.DELETE_ON_ERROR:

run: $(STAMPS)/tanu
	$(BIN)/tanu demo --home .home

env: $(STAMPS)/tanu $(STAMPS)/test

test: env
	sh tests/setup/debian.sh
	sh tests/setup/node.sh
	sh tests/setup/cose.sh
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)

bench: env
	sh tests/setup/node.sh
	$(BIN)/python -m bench

fuzz: env
	$(BIN)/python -W ignore -m tests.fuzz --inputs $(N) $(SEED:%=--seed %)

fuzz-bytes: env
	$(BIN)/python -W ignore -m tests.fuzz --bytes $(SEED:%=--seed %)

torture: N = 10000
torture: env
	$(BIN)/python -W ignore -m tests.torture --sweep --kills $(N) $(SEED:%=--seed %)

# The runtime lock is bound to the versions of the test lock, so one .venv serves both.
lock: $(STAMPS)/test
	$(LOCK) pyproject.toml --group build --group test --output-file requirements-test.lock
	$(LOCK) pyproject.toml --group build --constraints requirements-test.lock --output-file requirements.lock
	$(LOCK) --group node --output-file requirements-node.lock
	$(LOCK) --group cose --output-file requirements-cose.lock

clean:
	rm -rf $(VENV) .venv-cose .home tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	mkdir -p $(STAMPS)
	touch $@

$(STAMPS)/runtime: requirements.lock $(STAMPS)/venv
	$(LOCKED) --requirement requirements.lock
	touch $@

$(STAMPS)/test: requirements-test.lock $(STAMPS)/runtime
	$(LOCKED) --requirement requirements-test.lock
	touch $@

$(STAMPS)/tanu: pyproject.toml $(STAMPS)/runtime
	$(INSTALL) --no-build-isolation --no-deps --editable .
	touch $@
