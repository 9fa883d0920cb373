"""Which kernels run, and what is said about it."""

import os
import subprocess
import sys

import pytest

from multilogit import _kernels

WITHOUT_NATIVE = "import sys; sys.modules['multilogit._kernels._native'] = None\n"
REPORT = "import numpy, multilogit._kernels as k; print(k.core, k.softmax(numpy.zeros(2)))"
needs_native = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")


def run(program, value=None, *options):
    environment = {name: text for name, text in os.environ.items() if name != "MULTILOGIT_KERNELS"}
    environment |= {} if value is None else {"MULTILOGIT_KERNELS": value}
    return subprocess.run(
        [sys.executable, *options, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@needs_native
@pytest.mark.parametrize("value", [None, "native"])
def test_compiled_kernels_run_where_they_load(value):
    answer = run(REPORT, value, "-W", "error")
    assert (answer.stdout, answer.stderr) == ("native [0.5 0.5]\n", "")


def test_reference_on_request_is_quiet():
    answer = run(REPORT, "reference", "-W", "error")
    assert (answer.stdout, answer.stderr) == ("reference [0.5 0.5]\n", "")


def test_missing_compiled_kernels_are_announced_once():
    answer = run(WITHOUT_NATIVE + REPORT + "\nimport multilogit.functional as f; f.softmax([1.0])")
    assert answer.stdout == "reference [0.5 0.5]\n"
    assert answer.stderr.count("ReferenceKernelWarning") == 1
    assert "install a C++17 compiler" in answer.stderr


def test_missing_compiled_kernels_are_an_error_where_they_were_asked_for():
    answer = run(WITHOUT_NATIVE + REPORT, "native")
    assert answer.returncode == 1
    assert "ImportError: MULTILOGIT_KERNELS=native asks for the compiled kernels" in answer.stderr


@pytest.mark.parametrize("value", ["fast", "", "Native"])
def test_an_unknown_choice_is_refused(value):
    answer = run(REPORT, value)
    assert answer.returncode == 1
    assert f"must be 'native', 'reference' or unset. Got {value!r}" in answer.stderr
