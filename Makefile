# Storywire: everything one does with a checkout.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */|/' | sort | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: install
install: $(INSTALLED)  ## Create .venv with everything in it, and .venv/bin/storywire

# pip first: pip 23 silently drops an extra that trafilatura needs.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Storywire needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

.PHONY: demo
demo: install  ## Run the service on a small world of feeds, and show the stories it finds
	$(BIN)/python -m demo

.PHONY: run
run: install  ## Run the long-lived service on the default feeds
	$(BIN)/storywire run

.PHONY: test
test: install  ## Run the test suite
	$(BIN)/python -m pytest -n auto -m 'not chaos and not quality'

.PHONY: lint
lint: install  ## Check style (ruff), types (mypy strict) and the folder rules (import-linter)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: install  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: chaos
chaos: install  ## Kill stages a hundred times on each log, freeze a broker, and look for anything lost or repeated
	$(BIN)/python -m pytest -m chaos -s

.PHONY: quality
quality: install  ## Score stories and copies on the large files of the shared data (15 minutes), into docs/quality.md
	$(BIN)/python -m pytest -m quality -s
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python docs/outputs.py docs/quality.md
	@cat docs/quality.md

.PHONY: fit
fit: install  ## Fit the weights of the pair scorer to the shared data's labelled stories (10 minutes)
	$(BIN)/python -m training

.PHONY: bench
bench: install  ## Measure the stages beside the obvious ways to write them (15 minutes), into bench/README.md
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python docs/outputs.py bench/README.md
	@cat bench/README.md

.PHONY: docs
docs: install  ## Regenerate the command output shown in README.md
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python docs/outputs.py

.PHONY: config
config: install  ## Regenerate config/storywire.yaml from the sections
	$(BIN)/python -m config.render

.PHONY: constraints
constraints: install  ## Pin the versions that are installed now
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

.PHONY: clean
clean:  ## Remove the environment, caches and the service's own data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info var
