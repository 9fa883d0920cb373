"""Compiled kernels, C-contiguous float32 or float64; `out` has the type of the input.

Rows: N rows of K >= 1 logits.  Elementary: one number each.  Levels: those of x86-64 that this machine runs.
"""

from collections.abc import Sequence
from typing import overload

from multilogit._arrays import Array, Float64, Floats, Integers

def softmax(logits: Floats, out: Floats, n_threads: int = 1) -> None: ...
def log_softmax(logits: Floats, out: Floats, n_threads: int = 1) -> None: ...
def logsumexp(logits: Floats, out: Floats, n_threads: int = 1) -> None: ...
def exp(x: Floats, out: Floats) -> None: ...
def log(x: Floats, out: Floats) -> None: ...
def log1p(x: Floats, out: Floats) -> None: ...
def levels() -> list[str]: ...
def level() -> str: ...
def select_level(name: str) -> None: ...
def give_blas(sgemm: object, dgemm: object, dposv: object) -> bool: ...
def dot(a: Float64, b: Float64, n_threads: int) -> float: ...
def weighted_square(weight: Float64, x: Float64, n_threads: int) -> float: ...
def add_and_dot(factor: float, x: Float64, y: Float64, z: Float64, n_threads: int) -> float: ...
def inner_products(A: Sequence[Float64], B: Sequence[Float64], n_threads: int, out: Float64) -> None: ...
def combine(factors: Sequence[float], rows: Sequence[Float64], out: Float64, n_threads: int) -> None: ...
def harmonic(count: int, n_threads: int, microseconds: int = 0, failing: int = -1) -> float: ...

class Stacked:
    """Stacked problems over rows: their targets (labels or masses, the other one None), weights and offsets."""

    def evaluate(
        self,
        theta: Float64,
        want: int,
        single: bool,
        n_threads: int,
        value: Float64,
        gradient: Float64 | None,
        probability: Float64 | None,
        log_probability: Float64 | None,
        curvature: Float64 | None,
        margin: Float64 | None,
        gram: Float64 | None,
        diagonal: Float64 | None,
        hessian: Float64 | None,
    ) -> None: ...
    def product(self, theta: Float64, V: Float64, single: bool, n_threads: int, out: Float64) -> None: ...

class Dense(Stacked):
    """Over dense rows."""

    def __init__(
        self,
        X: Floats,
        centre: Float64,
        labels: Integers | None,
        masses: Float64 | None,
        offset: Float64 | None,
        weight: Float64,
        fold: Integers,
        scale: Float64,
        present: Array,
        intercept: bool,
    ) -> None: ...
    def moments(self, n_threads: int, cross: Float64, targets: Float64) -> None: ...
    def descend(
        self,
        theta: Float64,
        strength: Float64,
        tol: float,
        most: int,
        n_threads: int,
        value: Float64,
        gradient: Float64,
        probability: Float64,
        log_probability: Float64,
        hessian: Float64,
    ) -> tuple[int, int, bool]: ...

class Sparse(Stacked):
    """Over CSR rows."""

    def __init__(
        self,
        indptr: Integers,
        indices: Integers,
        values: Floats,
        centre: Float64,
        labels: Integers | None,
        masses: Float64 | None,
        offset: Float64 | None,
        weight: Float64,
        fold: Integers,
        scale: Float64,
        present: Array,
        intercept: bool,
    ) -> None: ...

def dd_add(a: Float64, b: Float64, out: Float64) -> None: ...
def dd_multiply(a: Float64, b: Float64, out: Float64) -> None: ...
def dd_divide(a: Float64, b: Float64, out: Float64) -> None: ...
def dd_exp(a: Float64, b: Float64, out: Float64) -> None: ...
def row_sums(a: Float64, sums: Float64) -> None: ...

class ExactArguments:
    """One problem: targets are labels (N,) or masses (N, K), the other one None; parameters theta (D', K')."""

    def __init__(
        self,
        centre: Float64,
        labels: Integers | None,
        masses: Float64 | None,
        offset: Float64 | None,
        weight: Float64,
        strength: Float64,
        scale: float,
        present: Array,
        theta: Float64,
    ) -> None: ...

@overload
def exact_gradient(X: Floats, arguments: ExactArguments, out: Float64, n_threads: int) -> None: ...
@overload
def exact_gradient(
    data: Floats, indices: Integers, indptr: Integers, arguments: ExactArguments, out: Float64, n_threads: int
) -> None: ...

class Predictor:
    """`multilogit._kernels.prediction.Predictor`, compiled."""

    def __init__(self, coef: Array, intercept: Array, centre: Float64, centred_intercept: Float64) -> None: ...
    def holds(self, coef: object, intercept: object, centre: object, centred_intercept: object) -> bool: ...
    def fill(self, answer: str, X: Array, out: Array, n_threads: int) -> bool: ...
