"""The pool as threadpoolctl knows it: listed, limited and set free again."""

import subprocess
import sys
import time

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from multilogit import _kernels, _threads
from multilogit._threads import available_cores, register_pool

if _kernels.core != "native":
    pytest.skip("the compiled kernels are not built", allow_module_level=True)

from multilogit._kernels._native import harmonic


@pytest.fixture(autouse=True)
def registered():
    register_pool()


def pool_info():
    (info,) = [each for each in threadpool_info() if each["user_api"] == "multilogit"]
    return info


def test_the_pool_is_listed():
    info = pool_info()
    assert info["internal_api"] == "multilogit"
    assert info["filepath"] == _kernels._native.__file__
    assert info["num_threads"] == available_cores()
    assert info["version"]


def runs_alone():
    """Tell whether 8 terms of 20 ms take at least 160 ms: on one thread they always do."""
    start = time.perf_counter()
    harmonic(8, 4, 20_000)
    return time.perf_counter() - start >= 8 * 0.020


@pytest.mark.parametrize("limits", [{"limits": 1}, {"limits": 1, "user_api": "multilogit"}])
def test_a_limit_of_one_runs_inline(limits):
    with threadpool_limits(**limits):
        assert pool_info()["num_threads"] == 1
        assert all(runs_alone() for _ in range(3))
    assert not all(runs_alone() for _ in range(5))


def test_a_limit_is_lifted_whole():
    """Afterwards `n_jobs` counts again, above the number of cores too, which is what threadpoolctl has seen."""
    with threadpool_limits(3, user_api="multilogit"):
        assert pool_info()["num_threads"] == 3
        with threadpool_limits(1, user_api="multilogit"):
            assert pool_info()["num_threads"] == 1
        assert pool_info()["num_threads"] == 3
    assert isinstance(pool_info()["num_threads"], _threads._Unlimited)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_one(limit):
    with threadpool_limits(limit, user_api="multilogit"):
        assert pool_info()["num_threads"] == 1
    assert pool_info()["num_threads"] == available_cores()


def test_other_interfaces_leave_the_pool_alone():
    with threadpool_limits(1, user_api="blas"):
        assert pool_info()["num_threads"] == available_cores()


LISTED = "print('multilogit' in [each['user_api'] for each in threadpoolctl.threadpool_info()])"


@pytest.mark.parametrize(
    "program",
    [
        "from multilogit import LogisticRegression; import threadpoolctl",
        "import threadpoolctl; import multilogit._kernels; import multilogit._threads",
        "import multilogit._kernels, multilogit._threads as t; t.blas_libraries(); import threadpoolctl",
    ],
    ids=["estimator", "threadpoolctl first", "after a fit"],
)
def test_who_asks_threadpoolctl_finds_the_pool(program):
    answer = subprocess.run(
        [sys.executable, "-c", f"{program}\n{LISTED}"], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout == "True\n"


# The pool's own setter stands for that of a library with one count per thread: a worker that calls it shows.
LIMITED_IN_WORKERS = """
import ctypes
from multilogit import _threads
from multilogit._kernels import _native

pool = ctypes.CDLL(_native.__file__)
get, set_ = pool.multilogit_get_num_threads, pool.multilogit_set_num_threads
_threads._functions = lambda library: _threads.Blas("fake 1.0", get, set_, per_thread=True)
_native.harmonic(8, 4, 5000)
print(get(), end=" ")
_threads._blas()
for _ in range(100):
    _native.harmonic(8, 4, 5000)
    if get() == 1:
        break
print(get())
"""


def test_a_library_with_a_count_per_thread_is_limited_in_the_workers():
    answer = subprocess.run(
        [sys.executable, "-c", LIMITED_IN_WORKERS], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout == "0 1\n"
