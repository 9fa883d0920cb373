"""Predictions of dense rows from centred coefficients, the same bits for a row alone as in any batch.

With coefficients W (D, M), the centre c (D,) and intercepts b (M,) about it, the scores of a row x are
``z = (x - c) W + b``, computed in float64 and rounded to the type of X. M = K, or M = 1 for two classes, whose
logits are (0, z). The compiled twin is native/predict.cpp; neither uses BLAS, whose order of summation follows the
shape of the batch.
"""

from typing import Any, Literal, TypeAlias

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Array, Float64, Floats

__all__ = ["Answer", "Predictor", "answer_to", "open_predictor", "row_sums"]

Answer: TypeAlias = Literal["scores", "softmax", "log_softmax", "argmax"]


class Predictor:
    """The reference: coefficients as the user sees them, coef (M, D) and intercept (M,), and what predicts.

    The four arrays are referred to, not copied, and must not change.
    """

    def __init__(self, coef: Array, intercept: Array, centre: Float64, centred_intercept: Float64) -> None:
        self.arrays = (coef, intercept, centre, centred_intercept)

    def holds(self, *arrays: Any) -> bool:
        """Return whether the arrays, which may be any objects, still are those of the predictor, bit for bit."""
        return all(
            type(now) is np.ndarray
            and (now.dtype, now.shape) == (then.dtype, then.shape)
            and now.tobytes() == then.tobytes()
            for now, then in zip(arrays, self.arrays, strict=True)
        )

    def fill(self, answer: Answer, X: Array, out: Array, n_threads: int) -> bool:  # noqa: ARG002  (one is enough)
        """Fill ``out`` with `answer_to` the scores; return whether all is tame.

        That is: every value of X is known to lie within 1e100, and every score within the type of X.
        """
        coef, _, centre, intercept = self.arrays
        A = np.subtract(X, centre, dtype=np.float64, order="C")
        Z = np.stack([row_sums(A * w) for w in coef.astype(np.float64)], axis=1) + intercept
        with np.errstate(over="ignore"):
            scores = Z.astype(X.dtype)
        out[...] = answer_to(answer, scores)
        within = bool((np.abs(X) <= np.float64(1e100)).all())
        return within and bool((np.isfinite(scores) | np.isinf(intercept)).all())


def row_sums(A: Float64) -> Float64:
    """Return the sums of the rows of A (N, D), C-contiguous: each in the order that a single row has too."""
    return np.asarray(A.sum(axis=1))


def answer_to(answer: Answer, scores: Floats) -> Array:
    """Return from scores (N, M) what is asked for: (N, M), (N, K), (N, K) or the classes (N,) as numbers."""
    if answer == "scores":
        return scores
    logits = np.hstack([np.zeros_like(scores), scores]) if scores.shape[1] == 1 else scores
    if answer == "argmax":
        return np.asarray(logits.argmax(axis=1))
    return _kernels.softmax(logits) if answer == "softmax" else _kernels.log_softmax(logits)


def open_predictor(coef: Array, intercept: Array, centre: Float64, centred_intercept: Float64) -> Any:
    """Return the compiled predictor, or the reference where that has to do."""
    make = Predictor if _kernels.native is None else _kernels.native.Predictor
    return make(coef, intercept, centre, centred_intercept)
