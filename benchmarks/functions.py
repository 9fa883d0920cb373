"""Softmax and log-softmax by themselves: 10^6 rows of 10 logits, 10^4 rows of 1000.

Whoever has the function returns a new array, as users call it. ``copy`` is the floor: one read and one write of memory.
"""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks.process import run, thread_counts
from benchmarks.timing import settle, timed

__all__ = ["FUNCTIONS", "LIBRARIES", "SIZES", "measure", "measure_all"]

SIZES = ((1_000_000, 10), (10_000, 1_000))
FUNCTIONS = ("softmax", "log_softmax")
REPEATS, ROUNDS = 15, 3

Function = Callable[[np.ndarray], Any]


@dataclass(frozen=True)
class Library:
    """A name, how an array becomes what the library takes (not timed), and its functions by name."""

    name: str
    ready: Function
    functions: dict[str, Function]


def _multilogit() -> Library:
    from multilogit import functional

    return Library("multilogit", np.asarray, {name: getattr(functional, name) for name in FUNCTIONS})


def _scipy() -> Library:
    from scipy import special

    return Library("scipy", np.asarray, {name: partial(getattr(special, name), axis=1) for name in FUNCTIONS})


def _torch() -> Library:
    import torch

    return Library("torch", torch.from_numpy, {name: partial(getattr(torch, name), dim=1) for name in FUNCTIONS})


def _jax() -> Library:
    import jax

    jax.config.update("jax_enable_x64", True)
    compiled = {name: jax.jit(getattr(jax.nn, name)) for name in FUNCTIONS}
    functions = {name: lambda Z, f=f: f(Z).block_until_ready() for name, f in compiled.items()}
    return Library("jax", jax.numpy.asarray, functions)


def _copy() -> Library:
    return Library("copy", np.asarray, dict.fromkeys(FUNCTIONS, np.copy))


LIBRARIES: dict[str, Callable[[], Library]] = {
    "multilogit": _multilogit,
    "scipy": _scipy,
    "torch": _torch,
    "jax": _jax,
    "copy": _copy,
}


def measure(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a record per function, size and type: median seconds, and the largest error of an entry."""
    library = LIBRARIES[job["rival"]]()
    for rows, K in SIZES:
        n = rows // 20 if job["quick"] else rows
        Z64 = np.random.default_rng(0).normal(scale=3.0, size=(n, K))
        for dtype in ("float64", "float32"):
            Z = Z64.astype(dtype)
            ready = library.ready(Z)
            for name, function in library.functions.items():
                result = function(ready)
                settle()
                seconds = statistics.median(timed(lambda f=function, Z=ready: f(Z))[0] for _ in range(REPEATS))
                error = _error(name, Z, np.asarray(result))
                yield {"function": name, "dtype": dtype, "N": n, "K": K, "seconds": seconds, "error": error}


def _error(name: str, Z: np.ndarray, result: np.ndarray, rows: int = 2000) -> float:
    """Return the largest error of the first rows relative, in units of the type's rounding."""
    Z = Z[:rows].astype(np.longdouble)
    Z = Z - Z.max(axis=1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    truth = np.exp(log_p) if name == "softmax" else log_p
    return float(np.max(np.abs(result[:rows] - truth) / np.abs(truth)) / np.finfo(result.dtype).eps)


def measure_all(names: tuple[str, ...] | None, *, quick: bool) -> list[dict[str, Any]]:
    """Return the records of every library, thread count and round, the libraries in turn."""
    records = []
    for number in range(1 if quick else ROUNDS):
        for rival in LIBRARIES if names is None else [name for name in LIBRARIES if name in names]:
            for threads in thread_counts(quick=quick):
                found = run({"kind": "function", "rival": rival, "quick": quick}, threads=threads, limit=600)
                common = {
                    "kind": "function",
                    "problem": "functions",
                    "rival": rival,
                    "threads": threads,
                    "round": number,
                }
                records += [{**common, **each} for each in found]
    return records
