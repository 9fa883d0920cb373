"""One value and gradient of the whole data, against what the machine could do at best.

For few classes the bound is max(bytes of X and y / measured bandwidth, 4 N D K / measured peak); for many it is the two
products alone, X W and X'R, which any gradient must contain.
"""

import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks import judge
from benchmarks.machine.probe import probe
from benchmarks.problem import Data, Piece
from benchmarks.process import run, thread_counts
from benchmarks.timing import settle, timed

__all__ = ["CONTESTANTS", "SHAPES", "measure", "measure_all", "turns"]

# (N, D, K); K <= 16 is held against the bound, K >= 100 against the two products.
SHAPES = (
    (60_000, 784, 10),
    (400_000, 54, 7),
    (100_000, 256, 16),
    (50_000, 768, 100),
    (20_000, 768, 1000),
)
MANY_CLASSES = 100
ENTRANTS = ("multilogit", "sklearn-lbfgs")
C = 1.0
ROUNDS, SECONDS, MOST = 2, 1.5, 30

# From theta (D + 1, K), b its last row, to the value and the gradient of theta's shape.
ValueAndGradient = Callable[[np.ndarray], tuple[float, np.ndarray]]


def ours(data: Data, *, exact: bool = False) -> ValueAndGradient:
    """Return multilogit's sweep, through the objective that its solvers see.

    Products of float32 rows are float32, as in the steps far from the optimum, or with ``exact`` float64, as in those
    near it and in every certificate. Its columns are centred; the two lines that move theta there and the gradient back
    are part of what is timed.
    """
    from multilogit import LogisticRegression
    from multilogit._objective.sums import Want
    from multilogit._threads import resolve_threads, single_threaded_blas
    from multilogit.estimators.problem import build_objective
    from multilogit.estimators.training_data import read_training_data

    single = data.X.dtype == np.float32 and not exact
    training = read_training_data(LogisticRegression(), data.X, data.y, None, None)
    objective = build_objective(training, C, fit_intercept=True, n_threads=resolve_threads())
    objective = replace(objective, single=single)
    centre = np.asarray(objective.source.centre, dtype=np.float64)

    def value_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        theta = np.vstack([theta[:-1], theta[-1] + centre @ theta[:-1]])
        with single_threaded_blas():
            sums = objective.evaluate(theta[:, None, :], Want.GRADIENT)
        G = sums.gradient[:, 0, :]
        return float(sums.value[0]), np.vstack([G[:-1] + np.outer(centre, G[-1]), G[-1]])

    return value_and_gradient


def scikit_learns(data: Data) -> ValueAndGradient:
    """Return what scikit-learn's lbfgs evaluates (divided by C N, as there)."""
    from sklearn._loss import HalfMultinomialLoss
    from sklearn.linear_model._linear_loss import LinearModelLoss

    shape = data.shape
    loss = LinearModelLoss(base_loss=HalfMultinomialLoss(n_classes=shape.K), fit_intercept=True)
    y = data.y.astype(data.X.dtype)

    def value_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        flat = theta.ravel()
        value, gradient = loss.loss_gradient(flat, data.X, y, None, 1.0 / (C * shape.N), 1)
        scale = C * shape.N
        return scale * float(value), scale * gradient.reshape(shape.K, -1, order="F").T

    return value_and_gradient


def products(data: Data) -> ValueAndGradient:
    """Return the two products alone, by NumPy's BLAS into arrays made before."""
    shape = data.shape
    Z = np.empty((shape.N, shape.K), dtype=data.X.dtype)
    G = np.empty((shape.D, shape.K), dtype=data.X.dtype)

    def value_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        np.matmul(data.X, theta[:-1].astype(data.X.dtype), out=Z)
        np.matmul(data.X.T, Z, out=G)
        return 0.0, G

    return value_and_gradient


EXACT = "multilogit-float64"
CONTESTANTS: dict[str, Callable[[Data], ValueAndGradient]] = {
    "multilogit": ours,
    EXACT: partial(ours, exact=True),
    "sklearn-lbfgs": scikit_learns,
    "products": products,
}


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Return the median seconds of one contestant on one shape, and how far its answer is from the formula."""
    data = _data(*job["shape"], job["dtype"])
    value_and_gradient = CONTESTANTS[job["rival"]](data)
    theta = np.random.default_rng(1).normal(size=(data.shape.D + 1, data.shape.K)) / np.sqrt(data.shape.D)
    found = value_and_gradient(theta)
    settle()
    first, _ = timed(lambda: value_and_gradient(theta))
    count = max(3, min(MOST, int(SECONDS / first)))
    seconds = statistics.median(timed(lambda: value_and_gradient(theta))[0] for _ in range(count))
    error = None if job["rival"] == "products" else _error(data, theta, *found)
    return {"seconds": seconds, "error": error}


def _data(N: int, D: int, K: int, dtype: str) -> Data:
    """Return Gaussian rows, and labels in turn."""
    rng = np.random.default_rng(0)
    return Data(rng.standard_normal((N, D), dtype=np.float32).astype(dtype), np.arange(N) % K)


def _error(data: Data, theta: np.ndarray, value: float, gradient: np.ndarray) -> float:
    """Return the larger relative error of value and gradient, against the judge and against X'R + W in float64."""
    coefficients = judge.Coefficients(theta[:-1].T, theta[-1])
    truth = judge.objective(data, Piece(C), coefficients)
    G = np.vstack([theta[:-1], np.zeros(data.shape.K)])
    for start in range(0, len(data.y), 8192):
        X, y = data.X[start : start + 8192].astype(np.float64), data.y[start : start + 8192]
        Z = X @ theta[:-1] + theta[-1]
        P = np.exp(Z - Z.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        P[np.arange(len(y)), y] -= 1.0
        G += C * np.vstack([X.T @ P, P.sum(axis=0)])
    return float(max(abs(value - truth) / truth, np.abs(gradient - G).max() / np.abs(G).max()))


def measure_all(names: tuple[str, ...] | None, *, quick: bool) -> list[dict[str, Any]]:
    """Return the records of every shape and type, with the machine's limits beside them."""
    records = []
    for N, D, K in SHAPES:
        shape = [N // 20, D // 2, K] if quick else [N, D, K]
        entrants = [name for name in ENTRANTS if names is None or name in names]
        entrants += ["products"] if K >= MANY_CLASSES else []
        for dtype in ("float64", "float32"):
            beside = [EXACT] if dtype == "float32" and "multilogit" in entrants else []
            for threads in thread_counts(quick=quick):
                limits = probe(dtype, threads, shape[0] * shape[1] * np.dtype(dtype).itemsize)
                common = {"problem": "kernels", "dtype": dtype, "threads": threads, "shape": shape}
                records.append({"kind": "limits", "rival": "machine", **common, **limits})
            records += turns("kernels", shape, dtype, [*entrants, *beside], quick=quick)
    return records


def turns(problem: str, shape: list[int], dtype: str, entrants: list[str], *, quick: bool) -> list[dict[str, Any]]:
    """Return the records of one shape and type, the contestants in turn, each with every thread count."""
    records = []
    for number in range(1 if quick else ROUNDS):
        for rival in entrants:
            for threads in thread_counts(quick=quick):
                job = {"kind": "kernel", "rival": rival, "dtype": dtype, "shape": shape}
                (found,) = run(job, threads=threads, limit=600)
                records.append({**job, "problem": problem, "threads": threads, "round": number, **found})
    return records
