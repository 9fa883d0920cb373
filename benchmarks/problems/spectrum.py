"""Random designs with a stated spectrum, and labels drawn from a planted softmax model."""

import numpy as np

__all__ = ["labels", "power_law"]

ROWS = 8192  # rows per draw, so that no temporary is as large as X


def power_law(rng: np.random.Generator, N: int, D: int, total: float) -> np.ndarray:
    """Return X (N, D) float32 with covariance Q diag(s) Q', s_j proportional to 1/j, sum_j s_j = ``total``.

    Q is a random rotation; ``total`` is the mean of |x_i|^2.
    """
    s = 1.0 / np.arange(1, D + 1)
    root = np.sqrt(s * (total / s.sum()))
    Q = np.linalg.qr(rng.standard_normal((D, D)))[0]
    mixing = (root[:, None] * Q.T).astype(np.float32)
    X = np.empty((N, D), dtype=np.float32)
    for start in range(0, N, ROWS):
        stop = min(start + ROWS, N)
        X[start:stop] = rng.standard_normal((stop - start, D), dtype=np.float32) @ mixing
    return X


def labels(rng: np.random.Generator, Z: np.ndarray) -> np.ndarray:
    """Return y (N,) drawn from softmax(Z) by Gumbel's trick; the first rows are 0, ..., K - 1: each class occurs."""
    N, K = Z.shape
    y = np.empty(N, dtype=np.int64)
    for start in range(0, N, ROWS):
        block = Z[start : start + ROWS]
        y[start : start + ROWS] = (block + rng.gumbel(size=block.shape)).argmax(axis=1)
    y[:K] = np.arange(K)
    return y
