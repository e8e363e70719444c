# Two commands do it all on a fresh machine with Python 3.11+, make and git:
#   make release   set up, validate, build the release of the shipped data into dist/
#   make test      set up, lint, types, tests, checks of generated docs
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup release test test-system docs benchmark clean lock

setup: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 setup"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

release: VERSION = $(shell $(PYTHON) -c 'import json; print(json.load(open("datapackage.json"))["version"])')
release: setup
	$(BIN)/incidents publish $(VERSION)
	$(BIN)/incidents verify dist/sahel-incidents-$(VERSION)

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/incidents fmt --check
	$(BIN)/incidents validate --strict
	$(BIN)/frictionless validate datapackage.json
	$(BIN)/pytest --quiet --numprocesses auto --ignore tests/system

# What needs programs beside Python: a browser, R, LibreOffice; installed by apt where that is
# allowed.
test-system: setup
	@command -v chromium >/dev/null 2>&1 || scripts/install_system_programs.sh chromium
	@command -v Rscript >/dev/null 2>&1 || scripts/install_system_programs.sh r-base-core
	@command -v soffice >/dev/null 2>&1 || scripts/install_system_programs.sh libreoffice-calc
	$(BIN)/pytest --quiet tests/system

# What is generated in the documents, after a change of data, schemas, rules or version.
docs: setup
	$(BIN)/python scripts/make_docs.py
	$(BIN)/python scripts/make_codebook.py

benchmark: setup
	$(BIN)/python scripts/benchmark.py --write

# For maintainers: resolve the dependencies anew. The lock holds versions and hashes, no addresses.
lock: setup
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dask --extra dev --output-file requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
