"""Which kernels run, and what is said about it."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from multilogit import _kernels
from multilogit.errors import InputError

WITHOUT_NATIVE = "import sys; sys.modules['multilogit._kernels._native'] = None\n"
REPORT = "import numpy, multilogit._kernels as k; print(k.core, k.softmax(numpy.zeros(2)))"
REPORT_LEVEL = "import multilogit._kernels as k; print(k.core, k.level())"
VARIABLES = {"MULTILOGIT_KERNELS", "MULTILOGIT_ISA"}
needs_native = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")


def run(program, value=None, *options, isa=None):
    environment = {name: text for name, text in os.environ.items() if name not in VARIABLES}
    environment |= {} if value is None else {"MULTILOGIT_KERNELS": value}
    environment |= {} if isa is None else {"MULTILOGIT_ISA": isa}
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


@needs_native
@pytest.mark.parametrize("name", [name for name in _kernels.levels() if name != "plain"])
def test_a_level_can_be_chosen(name):
    answer = run(REPORT_LEVEL, isa=name)
    assert (answer.stdout, answer.stderr) == (f"native {name}\n", "")


@needs_native
def test_the_highest_level_is_the_default():
    assert run(REPORT_LEVEL).stdout == f"native {_kernels.levels()[-1]}\n"


@pytest.mark.parametrize("kernels", ["native", "reference"])
@pytest.mark.parametrize("isa", ["v5", "", "V3", "plain", "avx2"])
def test_an_unknown_level_is_refused(kernels, isa):
    answer = run(REPORT_LEVEL, kernels, isa=isa)
    assert answer.returncode == 1
    assert f"MULTILOGIT_ISA must be 'v2', 'v3', 'v4' or unset. Got {isa!r}" in answer.stderr


def test_the_reference_has_no_levels():
    assert run(REPORT_LEVEL, "reference", isa="v3").stdout == "reference None\n"


def test_a_level_that_the_machine_lacks_is_refused():
    machine = SimpleNamespace(levels=lambda: ["plain", "v2"])
    with pytest.raises(InputError, match=r"x86-64-v4, which this machine does not run. It runs plain, v2"):
        _kernels._choose_level(machine, "v4")


@pytest.mark.parametrize(
    ("rows", "expected"), [(1, 1), (_kernels.WORTH_THREADS // 4 - 1, 1), (_kernels.WORTH_THREADS // 4, 3)]
)
def test_threads_are_for_many_logits(monkeypatch, rows, expected):
    calls = []
    record = SimpleNamespace(softmax=lambda logits, out, n_threads: calls.append((logits.shape, out.shape, n_threads)))
    monkeypatch.setattr(_kernels, "native", record)
    monkeypatch.setenv("MULTILOGIT_NUM_THREADS", "3")
    _kernels.softmax(np.zeros((rows, 2, 2)))
    assert calls == [((2 * rows, 2), (2 * rows, 2), expected)]
