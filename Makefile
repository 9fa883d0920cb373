# `make demo` and `make test` need Python >= 3.11, make and a C++17 compiler; they make .venv themselves.
# Another Python than python3: `make test PYTHON=/path/to/python`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

# A change in one of these reinstalls; Python sources are used in place.
BUILD_INPUTS := pyproject.toml CMakeLists.txt $(wildcard native/*) $(wildcard native/*/*)

.PHONY: demo test test-slow lint format bench clean

demo: $(VENV)/.with-cli
	$(BIN)/multilogit demo wine

test: lint
	$(PYTEST)

test-slow: $(VENV)/.with-test
	$(PYTEST) -m slow

lint: $(VENV)/.with-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.with-test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Counts of passes and distances from the optimum, the same on every machine; a few minutes.
bench: $(VENV)/.with-test
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/solver_passes.py
	PYTHONPATH=tests $(BIN)/python benchmarks/certified_digits.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# A kernel that does not compile stops the tests, where an ordinary install would go on without it.
$(VENV)/.with-test: export MULTILOGIT_REQUIRE_NATIVE := 1

# One stamp per extra of pyproject.toml: .with-cli, .with-test.
$(VENV)/.with-%: $(BUILD_INPUTS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "multilogit needs Python 3.11 or later, which '$(PYTHON)' is not. Name one: make PYTHON=/path/to/python" >&2; \
	  exit 1; }
	$(PYTHON) -m venv $(VENV)

# Make deletes intermediate files; the stamps must stay.
.SECONDARY:
