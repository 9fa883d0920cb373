"""How many threads to use, BLAS held to one of them, and the pool made known to threadpoolctl.

The parallelism is multilogit's own, over rows. A BLAS that starts threads of its own beneath it would
oversubscribe the cores, and its order of summation, hence the last bits of a result, would follow them.
"""

import ctypes
import math
import operator
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, SupportsIndex, TypeAlias

from multilogit.errors import InputError

__all__ = ["available_cores", "blas_libraries", "register_pool", "resolve_threads", "single_threaded_blas"]

# Tried in this order when `n_jobs` is None; joblib sets the second one for its worker processes.
ENVIRONMENT = ("MULTILOGIT_NUM_THREADS", "OMP_NUM_THREADS")

# The processor-time quota of the control group, where a container finds its own: version 2 writes quota
# and period into one file, version 1 into two.
CGROUP = Path("/sys/fs/cgroup")
QUOTA_FILES = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))


@dataclass(frozen=True)
class Blas:
    """A loaded BLAS: its name and version, and the functions of its thread count.

    The count belongs to the process or, ``per_thread``, to each thread that calls.
    """

    name: str
    get: Callable[[], int]
    set: Callable[[int], object]
    per_thread: bool


# What a BLAS had before it was limited.
Counts: TypeAlias = list[tuple[Blas, int]]


def resolve_threads(n_jobs: int | None = None) -> int:
    """Return the number of threads that a computation may use.

    The first of these that is given decides: ``n_jobs``, the environment variable MULTILOGIT_NUM_THREADS,
    the environment variable OMP_NUM_THREADS, the number of available cores. joblib sets OMP_NUM_THREADS
    for its workers such that all of them together use each core once, so there the answer is normally 1.

    Parameters
    ----------
    n_jobs : int or None
        Positive: that many threads. Negative: all available cores but ``-n_jobs - 1``, at least one,
        as in joblib; -1 means every core. None: as the environment says.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    InputError
        If ``n_jobs`` is 0, or an environment variable that decides is not a positive integer.
    TypeError
        If ``n_jobs`` is neither an integer nor None.

    Examples
    --------
    >>> resolve_threads(3)
    3
    >>> resolve_threads(-1) == available_cores()
    True
    """
    if n_jobs is None:
        return _threads_of_environment() or available_cores()
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, SupportsIndex):
        raise TypeError(f"n_jobs must be an integer or None. Got {n_jobs!r}; for every core use n_jobs=-1.")
    count = operator.index(n_jobs)
    if count == 0:
        raise InputError("n_jobs must not be 0. Use n_jobs=1 for one thread, n_jobs=-1 for every core.")
    return count if count > 0 else max(1, available_cores() + 1 + count)


def available_cores() -> int:
    """Return the number of cores that this process may use: affinity and control-group quota, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _cgroup_quota(CGROUP) or cores))


def _threads_of_environment() -> int | None:
    """Return the count of the first variable of `ENVIRONMENT` that is set, None if none is."""
    for variable in ENVIRONMENT:
        text = os.environ.get(variable, "").strip()
        if not text:
            continue
        # OpenMP's variable may list one count per level of nesting, as "4,2": the outermost is ours.
        count = text.split(",")[0].strip() if variable == "OMP_NUM_THREADS" else text
        if not (count.isascii() and count.isdigit() and int(count) > 0):
            raise InputError(
                f"The environment variable {variable} must be a positive integer, such as {variable}=4. "
                f"Got {text!r}. Correct or unset it, or pass n_jobs."
            )
        return int(count)
    return None


@cache  # reading the files takes longer than a prediction
def _cgroup_quota(directory: Path) -> int | None:
    """Return the cores of this control group's quota, rounded up; None where there is no quota."""
    for files in QUOTA_FILES:
        try:
            quota, period = " ".join((directory / file).read_text() for file in files).split()
            if int(quota) > 0 and int(period) > 0:
                return math.ceil(int(quota) / int(period))
        except (OSError, ValueError):
            # No such file or no permission: no quota known. The word "max" or another form: no quota.
            continue
    return None


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Limit every BLAS of this process to one thread while inside.

    May be nested and entered by several threads at once: the first to enter saves the counts and sets
    them to one, the last to leave restores them. Only a library that keeps a count per calling thread
    is limited and restored in each of them, and for good in the workers of the pool.

    Examples
    --------
    >>> with single_threaded_blas():
    ...     pass
    """
    counts = _limit(library for library in _blas() if library.per_thread)
    _process_limit.enter()
    try:
        yield
    finally:
        _process_limit.leave()
        _restore(counts)


def blas_libraries() -> list[str]:
    """Return one line per BLAS library of this process: name, version and present thread count."""
    return [f"{each.name}, threads: {each.get()}" for each in _blas()]


class _ProcessLimit:
    """The limit of the libraries whose count belongs to the process: who is inside, what to restore."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.counts: Counts = []

    def enter(self) -> None:
        libraries = _blas()
        with self.lock:
            self.inside += 1
            if self.inside == 1:
                self.counts = _limit(each for each in libraries if not each.per_thread)

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            if self.inside == 0:
                _restore(self.counts)


def _limit(libraries: Iterable[Blas]) -> Counts:
    """Set each library to one thread and return the counts of those that had more."""
    counts = [(library, count) for library in libraries if (count := library.get()) != 1]
    for library, _ in counts:
        library.set(1)
    return counts


def _restore(counts: Counts) -> None:
    for library, count in counts:
        library.set(count)


@cache
def _blas() -> tuple[Blas, ...]:
    """Return the loaded BLAS libraries; NumPy and SciPy carry one each, and nothing here calls another."""
    # Imported here, because both belong to the first fit, not to `import multilogit`. The controller only
    # sees libraries that are loaded, and SciPy's is loaded by scipy.linalg.
    import scipy.linalg  # noqa: F401, PLC0415
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415

    register_pool()
    controllers = ThreadpoolController()
    libraries = tuple(_functions(each) for each in controllers.select(user_api="blas").lib_controllers)
    for pool in controllers.select(user_api="multilogit").lib_controllers:
        for library in libraries:
            if library.per_thread:
                pool.dynlib.multilogit_limit_in_workers(ctypes.cast(library.set, ctypes.c_void_p))  # type: ignore[arg-type]
    return libraries


def _functions(library: Any) -> Blas:
    """Return the functions of a library that threadpoolctl has found.

    Those of its controller are not enough: in threadpoolctl 3.8 OpenBLAS's ``set_num_threads`` belongs to the
    thread that called it first, and does nothing, without a word, in any other.
    """
    name, dynlib = f"{library.internal_api} {library.version}", library.dynlib
    if library.internal_api == "mkl":
        return Blas(name, dynlib.MKL_Get_Max_Threads, dynlib.MKL_Set_Num_Threads_Local, per_thread=True)
    if library.internal_api != "openblas":
        return Blas(name, library.get_num_threads, library.set_num_threads, per_thread=False)
    if library.threading_layer == "openmp":
        return Blas(name, dynlib.omp_get_max_threads, dynlib.omp_set_num_threads, per_thread=True)
    getter = next(symbol for symbol in library.check_symbols if hasattr(dynlib, symbol))
    setter = getter.replace("_get_", "_set_")
    return Blas(name, getattr(dynlib, getter), getattr(dynlib, setter), per_thread=False)


@cache
def register_pool() -> None:
    """Tell threadpoolctl of multilogit's pool, once.

    From then on ``threadpoolctl.threadpool_info()`` lists it under the name ``multilogit``, and
    ``threadpoolctl.threadpool_limits`` limits every computation of multilogit in this process.
    """
    from threadpoolctl import LibController, register  # noqa: PLC0415  (see _blas)

    class PoolController(LibController):  # type: ignore[misc]
        """The pool of native/pool.hpp; other packages' libraries named ``_native...`` lack the symbols."""

        user_api = internal_api = "multilogit"
        filename_prefixes = ("_native",)
        check_symbols = ("multilogit_get_num_threads", "multilogit_set_num_threads")

        def get_num_threads(self) -> int:
            return self.dynlib.multilogit_get_num_threads() or _Unlimited(available_cores())

        def set_num_threads(self, num_threads: int) -> None:
            limit = 0 if isinstance(num_threads, _Unlimited) else max(1, num_threads)
            self.dynlib.multilogit_set_num_threads(limit)

        def get_version(self) -> str:
            from multilogit import __version__  # noqa: PLC0415  (only who asks threadpoolctl looks it up)

            return __version__

    register(PoolController)


class _Unlimited(int):
    """The number that stands for "no limit" in threadpoolctl, which gives it back to lift its own limit."""


_process_limit = _ProcessLimit()
if hasattr(os, "register_at_fork"):
    # A child that is forked while another thread holds the lock would wait for it for ever.
    os.register_at_fork(
        before=_process_limit.lock.acquire,
        after_in_parent=_process_limit.lock.release,
        after_in_child=_process_limit.lock.release,
    )

if "threadpoolctl" in sys.modules:
    register_pool()
