# `make demo` and `make test` need Python >= 3.11, make and a C++17 compiler; they make .venv themselves.
# Another Python than python3: `make test PYTHON=/path/to/python`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

# A change in one of these reinstalls; Python sources are used in place.
BUILD_INPUTS := pyproject.toml CMakeLists.txt $(wildcard native/*) $(wildcard native/*/*)

.PHONY: demo test test-slow lint format bench sanitize clean

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

# First the pool by itself, then the tests of the kernels on a build in an environment of its own. Both sanitizers of
# memory stay out of forks: a child may find their allocator locked by a thread that it does not have. Leaks are not
# looked for, because CPython frees not everything at its end.
SANITIZED := $(CURDIR)/build/sanitize-address
SANITIZED_TESTS := tests/kernels

sanitize: $(VENV)/.with-test
	set -e; for each in thread address undefined; do mkdir -p build/sanitize-$$each; \
	  $(CXX) -std=c++17 -O2 -g -fsanitize=$$each -fno-sanitize-recover=all -pthread -Inative \
	    native/tests/pool_stress.cpp native/pool.cpp -o build/sanitize-$$each/pool_stress; \
	  build/sanitize-$$each/pool_stress; done
	$(BIN)/python -m venv --without-pip $(SANITIZED)/venv
	MULTILOGIT_REQUIRE_NATIVE=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
	  --target $(SANITIZED)/site -Cbuild-dir=$(SANITIZED)/build -Ccmake.define.MULTILOGIT_SANITIZE=address,undefined .
	ASAN_OPTIONS=detect_leaks=0 MULTILOGIT_KERNELS=native \
	  LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so)" \
	  PYTHONPATH="$(SANITIZED)/site:$$($(BIN)/python -c 'import sys; print(*filter(None, sys.path), sep=":")')" \
	  $(SANITIZED)/venv/bin/python -m pytest $(SANITIZED_TESTS) -k "not forked" --capture=sys

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
