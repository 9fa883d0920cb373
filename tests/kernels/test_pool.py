"""The pool of threads, through the one computation that is made for its tests: a harmonic number.

What C++ callers alone can see (private scratch, nesting, order, the limit on other libraries) is checked by
native/tests/pool_stress.cpp, which `make sanitize` runs.
"""

import math
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multilogit import _kernels
from multilogit._data.source import reduce_blocks

if _kernels.core != "native":
    pytest.skip("the compiled kernels are not built", allow_module_level=True)

from multilogit._kernels._native import harmonic

needs_signals = pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="this system has no such signals")
# From 3.12 on Python warns of what is tried here: a fork while another thread runs.
allows_fork = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

FOREVER = {"count": 60_000, "microseconds": 1000}  # ten seconds and more, unless it is stopped


def by_binary_counter(count):
    terms = SimpleNamespace(n_blocks=count, block=lambda index: 0.5 / (index + 1) + 0.5 / (index + 1))
    return reduce_blocks(terms, float)


@given(count=st.integers(1, 3000), n_threads=st.integers(1, 8))
@settings(deadline=None, max_examples=200)
def test_the_sum_has_the_bits_of_the_binary_counter(count, n_threads):
    assert harmonic(count, n_threads) == by_binary_counter(count)


def test_the_sum_is_the_harmonic_number():
    # Euler: H_n = ln n + gamma + 1 / (2 n) - 1 / (12 n^2) + O(n^-4). Pairwise addition loses at most log2(n) roundings.
    n = 10**5
    expected = math.log(n) + 0.57721566490153286 + 1 / (2 * n) - 1 / (12 * n**2)
    assert harmonic(n, 4) == pytest.approx(expected, rel=20 * 2**-53)
    assert harmonic(0, 4) == 0.0


def test_many_more_threads_than_cores_change_nothing():
    assert harmonic(1000, 64, 10) == harmonic(1000, 10**9) == by_binary_counter(1000)
    assert harmonic(1000, 0) == harmonic(1000, -5) == by_binary_counter(1000)


@pytest.mark.parametrize("n_threads", [1, 4])
def test_an_exception_reaches_the_caller_and_skips_the_rest(n_threads):
    start = time.perf_counter()
    with pytest.raises(RuntimeError, match="asked to fail"):
        harmonic(**FOREVER, n_threads=n_threads, failing=20)
    assert time.perf_counter() - start < 5
    assert harmonic(100, n_threads) == by_binary_counter(100)


def test_tasks_overlap_in_time():
    """Each of 8 terms takes 20 ms of the clock, not of a core."""

    def seconds():
        start = time.perf_counter()
        harmonic(8, 4, 20_000)
        return time.perf_counter() - start

    # Once is enough: a busy machine may keep the helpers waiting.
    assert any(seconds() < 0.8 * 8 * 0.020 for _ in range(20))


def run_in_threads(n_threads, function):
    threads = [threading.Thread(target=function) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_python_threads_share_the_pool():
    together = threading.Barrier(6)
    answers = []

    def compute():
        together.wait(10)
        answers.extend(harmonic(count, 4, 5) for count in range(1, 200))

    run_in_threads(6, compute)
    expected = sorted([by_binary_counter(count) for count in range(1, 200)] * 6)
    assert sorted(answers) == expected


def test_python_runs_while_the_pool_computes():
    done = threading.Event()
    seen = []

    def compute():
        harmonic(100, 2, 5000)
        done.set()

    thread = threading.Thread(target=compute)
    thread.start()
    while not done.wait(0.001):
        seen.append(None)
    thread.join(10)
    assert len(seen) > 10


@contextmanager
def signal_soon(number, handler):
    """Send a signal to this process after 0.1 s, and answer it; yield a list that gets the time of sending."""
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), number)

    before = signal.signal(number, handler)
    timer = threading.Timer(0.1, send)
    timer.start()
    try:
        yield sent
    finally:
        timer.join(10)
        signal.signal(number, before)


@needs_signals
@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_ctrl_c_is_answered_at_once(n_threads):
    def seconds():
        with signal_soon(signal.SIGINT, signal.default_int_handler) as sent:
            with pytest.raises(KeyboardInterrupt):
                harmonic(**FOREVER, n_threads=n_threads)
            return time.perf_counter() - sent[0]

    assert min(seconds() for _ in range(3)) < 0.2
    assert harmonic(100, n_threads) == by_binary_counter(100)


@needs_signals
def test_ctrl_c_is_answered_while_the_caller_waits_for_a_worker():
    """Two terms of 150 ms, an interruption at 100 ms: the caller has no task left to start."""
    with signal_soon(signal.SIGINT, signal.default_int_handler), pytest.raises(KeyboardInterrupt):
        harmonic(2, 2, 150_000)


@needs_signals
def test_a_handler_may_compute_and_the_job_goes_on():
    inner = []
    with signal_soon(signal.SIGUSR1, lambda *_: inner.append(harmonic(500, 3, 10))):
        outer = harmonic(300, 2, 1000)
    assert (outer, inner) == (by_binary_counter(300), [by_binary_counter(500)])


@needs_signals
def test_a_job_of_another_thread_leaves_ctrl_c_to_the_main_one():
    answers, done = [], threading.Event()

    def compute():
        answers.append(harmonic(300, 2, 2000))
        done.set()

    thread = threading.Thread(target=compute)
    with signal_soon(signal.SIGINT, signal.default_int_handler):
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            done.wait(10)
    assert done.wait(10)
    thread.join(10)
    assert answers == [by_binary_counter(300)]


def in_a_child(function):
    """Run the function in a forked child and return its exit status: 0 where it returned True."""
    child = os.fork()
    if child == 0:
        signal.alarm(10)  # a child that waits for ever is killed, which the parent sees
        os._exit(0 if function() else 1)
    return os.waitpid(child, 0)[1]


@needs_fork
@allows_fork
def test_a_forked_child_computes():
    assert harmonic(100, 4, 10) == by_binary_counter(100)
    assert in_a_child(lambda: harmonic(1000, 4, 10) == by_binary_counter(1000)) == 0
    assert harmonic(100, 4, 10) == by_binary_counter(100)


@needs_fork
@allows_fork
def test_a_child_forked_in_the_middle_of_other_jobs_computes():
    stop = threading.Event()

    def compute():
        while not stop.is_set():
            harmonic(300, 3, 20)

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            assert in_a_child(lambda: harmonic(1000, 4, 10) == by_binary_counter(1000)) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)


@needs_fork
@allows_fork
def test_processes_forked_by_multiprocessing_compute():
    assert harmonic(100, 4, 10) == by_binary_counter(100)
    fork = multiprocessing.get_context("fork")
    answers = fork.SimpleQueue()
    children = [fork.Process(target=lambda: answers.put(harmonic(1000, 3, 10))) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(10)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert [answers.get() for _ in children] == [by_binary_counter(1000)] * 3


@needs_fork
@needs_signals
@allows_fork
def test_a_child_forked_by_a_signal_handler_waits_for_nobody():
    """Where a worker computes the other term when the handler forks, the child can only say so."""
    children = []

    def fork(*_):
        children.append(os.fork())
        if children[-1] == 0:
            signal.alarm(10)

    with signal_soon(signal.SIGUSR1, fork):
        try:
            answer = harmonic(2, 2, 300_000)
        except RuntimeError as raised:
            answer = str(raised)
        if children == [0]:
            os._exit(0 if answer == by_binary_counter(2) or "forked, by a signal handler" in str(answer) else 1)
    assert answer == by_binary_counter(2)
    assert os.waitpid(children[0], 0)[1] == 0


EXIT_WITH_DAEMONS = """
import threading, time, numpy as np
from multilogit._kernels import _native
Z = np.zeros((2000, 10))

def for_ever(compute):
    while True:
        compute()

computations = [
    lambda: _native.harmonic(10**6, 3, 1000),
    lambda: _native.harmonic(10, 2),
    lambda: _native.softmax(Z, Z),
]
for compute in computations:
    threading.Thread(target=for_ever, args=(compute,), daemon=True).start()
time.sleep(0.2)
"""


@pytest.mark.parametrize(
    "last_words", ["", "import atexit; atexit.register(lambda: print(_native.harmonic(64, 3, 100)))"]
)
def test_python_exits_quietly_while_daemons_compute(last_words):
    for _ in range(2):
        start = time.perf_counter()
        answer = subprocess.run(
            [sys.executable, "-c", EXIT_WITH_DAEMONS + last_words],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (answer.returncode, answer.stderr) == (0, "")
        assert answer.stdout == (f"{by_binary_counter(64)}\n" if last_words else "")
        assert time.perf_counter() - start < 10
