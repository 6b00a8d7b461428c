# Every target does by itself what it needs; what is done already is not done again.
#
#   make install   a virtual environment in .venv with everything pinned (needs python3 >= 3.11 with venv, no more)
#   make web       the dashboard, built into the API, by the Node.js that the lock pins
#   make up        the whole platform on this machine
#   make test      the tests, on TEST_WORKERS processes
#   make test-models  the tests of mounted models; it installs PyTorch and Stable-Baselines3, which are in no lock
#   make check     what CI runs: lint, types, layers, generated files, tests; and audit
#   make audit     known vulnerabilities of what is locked, where the package indexes tell them
#   make bench     moves a second and time per move, beside a bare loop
#   make chaos     faults on the real platform, half an hour of them, and what must hold all the same
#   make screenshots  pictures of every page for docs/, by the tests of the dashboard
#   make docs      write what is generated from the vocabulary and the catalogue
#   make lock      pin the newest versions that pyproject.toml allows
#   make clean     remove what the targets made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
AUDIT := $(VENV)/audit/bin/pip-audit
CODE := arena agent_kit benchmarks chaos examples tests tools
TEST_WORKERS ?= 3
WEB := arena/api/static/index.html
WEB_SOURCES := $(shell find web/src web/public -type f) $(wildcard examples/*.*) $(wildcard web/*.ts web/*.js web/*.json web/*.html)
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --prefix web --no-fund --no-audit
MODELS ?= torch==2.13.0 stable-baselines3==2.9.2 sb3-contrib==2.9.2

.PHONY: install web up test test-models check lint audit bench chaos docs screenshots lock clean
.DELETE_ON_ERROR:

install: $(INSTALLED)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("needs Python 3.11 or newer: make install PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

web: $(WEB)

web/node_modules/.package-lock.json: web/package-lock.json web/.npmrc $(INSTALLED)
	$(NPM) ci --silent
	@touch $@

$(WEB): web/node_modules/.package-lock.json $(WEB_SOURCES)
	$(NPM) run --silent build

up: install web
	$(BIN)/arena up

test: install web
	$(NPM) test --silent
	$(BIN)/pytest -n $(TEST_WORKERS) --dist loadscope --no-loadscope-reorder $(TEST_ARGS)

test-models: install
	$(BIN)/python -m pip install --quiet $(MODELS)
	$(BIN)/pytest tests/agent_kit/mounts/test_torch.py tests/agent_kit/mounts/test_sb3.py $(TEST_ARGS)

check: lint test audit

lint: install web/node_modules/.package-lock.json
	$(BIN)/ruff check $(wildcard $(CODE))
	$(BIN)/ruff format --check $(wildcard $(CODE))
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools --check
	$(NPM) run --silent check

audit: install
	@test -x $(AUDIT) || { $(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install --quiet pip-audit; } || true
	$(BIN)/python -m tools.audit $(AUDIT)

bench: install
	$(BIN)/python -m benchmarks.play $(BENCH_ARGS)

chaos: install
	$(BIN)/python -m chaos --minutes 30 --matches 5000 --page docs/reliability.md $(CHAOS_ARGS)

docs: install
	$(BIN)/python -m tools

screenshots: install web
	ARENA_SCREENSHOTS=docs/images/web $(BIN)/pytest -n0 tests/web

lock: | $(BIN)/python
	$(BIN)/python -m pip install --quiet uv
	sh tools/lock.sh $(BIN)/uv $(LOCK_ARGS)

clean:
	rm -rf $(VENV) dist build web/node_modules arena/api/static .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* examples/node_modules
	find $(wildcard $(CODE)) -name __pycache__ -prune -exec rm -rf {} +
