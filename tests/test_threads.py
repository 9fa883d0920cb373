"""The thread count: who decides, in which order; and BLAS held to one thread, from any number of threads."""

import os
import signal
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from joblib import Parallel, delayed

from multilogit import _threads
from multilogit._threads import Blas, available_cores, blas_libraries, resolve_threads, single_threaded_blas
from multilogit.errors import InputError


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for variable in ("MULTILOGIT_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(variable, raising=False)


def set_quota(monkeypatch, directory, files):
    """Let `_threads` read these files as its control group."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    monkeypatch.setattr(_threads, "CGROUP", directory)


def set_affinity(monkeypatch, cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)


@pytest.mark.parametrize("n_jobs", [1, 3, np.int64(3)])
def test_positive_n_jobs_is_the_count(monkeypatch, n_jobs):
    monkeypatch.setenv("MULTILOGIT_NUM_THREADS", "7")
    assert resolve_threads(n_jobs) == n_jobs


@pytest.mark.parametrize(("n_jobs", "expected"), [(-1, 8), (-2, 7), (-8, 1), (-100, 1)])
def test_negative_n_jobs_leaves_cores_free(monkeypatch, tmp_path, n_jobs, expected):
    set_quota(monkeypatch, tmp_path, {})
    set_affinity(monkeypatch, 8)
    assert resolve_threads(n_jobs) == expected


def test_order_is_ours_then_openmp_then_the_cores(monkeypatch, tmp_path):
    set_quota(monkeypatch, tmp_path, {})
    set_affinity(monkeypatch, 5)
    assert resolve_threads(None) == 5
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert resolve_threads(None) == 3
    monkeypatch.setenv("MULTILOGIT_NUM_THREADS", "2")
    assert resolve_threads(None) == 2
    monkeypatch.setenv("MULTILOGIT_NUM_THREADS", "")
    assert resolve_threads(None) == 3


def test_openmp_may_list_counts_of_nested_levels(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", " 4 ,2")
    assert resolve_threads(None) == 4


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("MULTILOGIT_NUM_THREADS", "0"),
        ("MULTILOGIT_NUM_THREADS", "-1"),
        ("MULTILOGIT_NUM_THREADS", "two"),
        ("MULTILOGIT_NUM_THREADS", "4,2"),
        ("MULTILOGIT_NUM_THREADS", "1.5"),
        ("MULTILOGIT_NUM_THREADS", "²"),
        ("OMP_NUM_THREADS", "many"),
        ("OMP_NUM_THREADS", ",2"),
        ("OMP_NUM_THREADS", "0"),
    ],
)
def test_a_bad_environment_is_named(monkeypatch, variable, text):
    monkeypatch.setenv(variable, text)
    with pytest.raises(InputError, match=f"{variable} must be a positive integer.*Got '{text}'"):
        resolve_threads(None)
    assert resolve_threads(2) == 2


def test_zero_jobs_are_refused():
    with pytest.raises(InputError, match="n_jobs must not be 0"):
        resolve_threads(0)


@pytest.mark.parametrize("n_jobs", [True, 2.0, "2"])
def test_n_jobs_must_be_an_integer(n_jobs):
    with pytest.raises(TypeError, match="n_jobs must be an integer or None"):
        resolve_threads(n_jobs)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "max 100000\n"}, 6),
        ({"cpu.max": "unknown form of file"}, 6),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 6),
        ({"cpu.max": "9900000 100000\n"}, 6),
    ],
)
def test_a_quota_of_processor_time_lowers_the_count(monkeypatch, tmp_path, files, expected):
    set_affinity(monkeypatch, 6)
    set_quota(monkeypatch, tmp_path, files)
    assert available_cores() == expected


def test_a_system_without_affinity_counts_its_processors(monkeypatch, tmp_path):
    set_quota(monkeypatch, tmp_path, {})
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert available_cores() == 4
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cores() == 1


def test_one_thread_in_each_worker_of_joblib():
    workers = max(2, available_cores())
    assert Parallel(n_jobs=workers)(delayed(resolve_threads)(None) for _ in range(workers)) == [1] * workers


class FakeBlas:
    """A BLAS of 4 threads; `per_thread` keeps a count for each calling thread, as MKL does."""

    def __init__(self, *, per_thread):
        self.store = threading.local() if per_thread else type("Store", (), {})()

    def get_num_threads(self):
        count = getattr(self.store, "count", 4)
        time.sleep(1e-5)  # lets another thread run, so that a missing lock shows
        return count

    def set_num_threads(self, count):
        self.store.count = count


@pytest.fixture(params=[False, True], ids=["count per process", "count per thread"])
def blas(request, monkeypatch):
    library = FakeBlas(per_thread=request.param)
    functions = Blas("fake 1.0", library.get_num_threads, library.set_num_threads, per_thread=request.param)
    monkeypatch.setattr(_threads, "_blas", lambda: (functions,))
    return library


def test_blas_is_limited_and_restored(blas):
    with single_threaded_blas():
        assert blas.get_num_threads() == 1
        with single_threaded_blas():
            assert blas.get_num_threads() == 1
        assert blas.get_num_threads() == 1
    assert blas.get_num_threads() == 4


def test_blas_is_restored_after_an_error(blas):
    with pytest.raises(RuntimeError, match="inside"), single_threaded_blas():
        raise RuntimeError("inside")
    assert blas.get_num_threads() == 4


def test_blas_stays_limited_until_the_last_thread_leaves(blas):
    second_is_inside, first_has_left = threading.Event(), threading.Event()
    seen = []

    def second():
        with single_threaded_blas():
            second_is_inside.set()
            assert first_has_left.wait(10)
            seen.append(blas.get_num_threads())
        seen.append(blas.get_num_threads())

    thread = threading.Thread(target=second)
    with single_threaded_blas():
        thread.start()
        assert second_is_inside.wait(10)
    first_has_left.set()
    thread.join(10)
    assert seen == [1, 4]
    assert blas.get_num_threads() == 4


def test_many_threads_leave_nothing_behind(blas):
    together = threading.Barrier(8)
    wrong = []

    def enter_and_leave():
        for _ in range(20):
            together.wait(10)
            with single_threaded_blas():
                if blas.get_num_threads() != 1:
                    wrong.append(threading.get_ident())

    threads = [threading.Thread(target=enter_and_leave) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong
    assert blas.get_num_threads() == 4


def test_the_real_blas_is_limited():
    before = blas_libraries()
    assert before, "NumPy's BLAS should be known to threadpoolctl"
    with single_threaded_blas():
        assert all(line.endswith("threads: 1") for line in blas_libraries())
    assert blas_libraries() == before


def counts_of_blas():
    return [library.get() for library in _threads._blas()]


@pytest.fixture
def two_threads_of_blas():
    """Let every real BLAS have two threads, whatever the machine has."""
    before = counts_of_blas()
    for library in _threads._blas():
        library.set(2)
    assert set(counts_of_blas()) == {2}
    yield
    for library, count in zip(_threads._blas(), before, strict=True):
        library.set(count)


def test_the_real_blas_is_limited_from_any_thread(two_threads_of_blas):
    """As it is not by threadpoolctl's own controller, which listens to the first thread alone."""
    seen = []

    def enter_and_leave():
        with single_threaded_blas():
            seen.extend(counts_of_blas())

    enter_and_leave()
    thread = threading.Thread(target=enter_and_leave)
    thread.start()
    thread.join(10)
    assert set(seen) == {1}
    assert set(counts_of_blas()) == {2}


def test_the_real_blas_is_restored_by_any_thread(two_threads_of_blas):
    second_is_inside, first_has_left = threading.Event(), threading.Event()

    def leave_last():
        with single_threaded_blas():
            second_is_inside.set()
            assert first_has_left.wait(10)

    thread = threading.Thread(target=leave_last)
    with single_threaded_blas():
        thread.start()
        assert second_is_inside.wait(10)
    assert set(counts_of_blas()) == {1}
    first_has_left.set()
    thread.join(10)
    assert set(counts_of_blas()) == {2}


def test_a_library_of_one_thread_is_left_alone(monkeypatch):
    calls = []
    monkeypatch.setattr(_threads, "_blas", lambda: (Blas("fake 1.0", lambda: 1, calls.append, per_thread=False),))
    with single_threaded_blas():
        pass
    assert calls == []


class FakeLibrary:
    """A library as threadpoolctl shows it: `symbols` are its functions."""

    version = "1.0"
    check_symbols = ("openblas_get_num_threads", "scipy_openblas_get_num_threads64_")

    def __init__(self, internal_api, symbols, threading_layer="pthreads"):
        self.internal_api, self.threading_layer = internal_api, threading_layer
        self.dynlib = SimpleNamespace(**{symbol: symbol for symbol in symbols})
        self.get_num_threads, self.set_num_threads = "get", "set"


@pytest.mark.parametrize(
    ("library", "get", "set_", "per_thread"),
    [
        (
            FakeLibrary("openblas", ["openblas_get_num_threads", "openblas_set_num_threads"]),
            "openblas_get_num_threads",
            "openblas_set_num_threads",
            False,
        ),
        (
            FakeLibrary("openblas", ["scipy_openblas_get_num_threads64_", "scipy_openblas_set_num_threads64_"]),
            "scipy_openblas_get_num_threads64_",
            "scipy_openblas_set_num_threads64_",
            False,
        ),
        (
            FakeLibrary("openblas", ["omp_get_max_threads", "omp_set_num_threads"], "openmp"),
            "omp_get_max_threads",
            "omp_set_num_threads",
            True,
        ),
        (
            FakeLibrary("mkl", ["MKL_Get_Max_Threads", "MKL_Set_Num_Threads_Local"], "intel"),
            "MKL_Get_Max_Threads",
            "MKL_Set_Num_Threads_Local",
            True,
        ),
        (FakeLibrary("blis", []), "get", "set", False),
    ],
    ids=["OpenBLAS", "OpenBLAS of SciPy", "OpenBLAS on OpenMP", "MKL", "BLIS"],
)
def test_the_functions_of_each_library(library, get, set_, per_thread):
    assert _threads._functions(library) == Blas(f"{library.internal_api} 1.0", get, set_, per_thread)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
# From 3.12 on Python warns of what is tried here: a fork while another thread runs.
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_forked_while_another_thread_enters_can_enter():
    lock_is_held = threading.Event()

    def hold_the_lock():
        with _threads._process_limit.lock:
            lock_is_held.set()
            time.sleep(0.2)

    thread = threading.Thread(target=hold_the_lock)
    thread.start()
    assert lock_is_held.wait(10)
    child = os.fork()
    if child == 0:
        signal.alarm(5)  # a child that waits for ever is killed, which the parent sees
        with single_threaded_blas():
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    thread.join(10)
