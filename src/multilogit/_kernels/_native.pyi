"""Compiled kernels: N rows of K >= 1 logits, C-contiguous float32 or float64; `out` has the same type."""

from typing import overload

from multilogit._arrays import Array, Float64, Floats, Integers

def softmax(logits: Floats, out: Floats) -> None: ...
def log_softmax(logits: Floats, out: Floats) -> None: ...
def logsumexp(logits: Floats, out: Floats) -> None: ...
def levels() -> list[str]: ...
def level() -> str: ...
def select_level(name: str) -> None: ...

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
