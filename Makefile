# make demo   the main job on the sample shop: index, ask, serve   make test   lint, types, contracts, tests
# make check  everything but the tests                            make bench  the figures of docs/benchmarks.md
# make docs   build the documentation into site/
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DEMO   ?=

.PHONY: demo test check bench docs clean
.DEFAULT_GOAL := test

$(VENV)/.demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	$(BIN)/shoplens demo $(DEMO)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright --pythonpath $(BIN)/python

test: check
	$(BIN)/pytest

bench: $(VENV)/.dev
	$(BIN)/python -m bench.all

docs: $(VENV)/.dev
	$(BIN)/zensical build --clean

clean:
	rm -rf $(VENV) site .cache shoplens-demo .pytest_cache .ruff_cache .hypothesis
