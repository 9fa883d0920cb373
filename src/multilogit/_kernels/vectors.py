"""Inner products and sums of long vectors of parameters, in as few passes over memory as they need.

Where the kernels are compiled, the result is the same for any number of threads.
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg.blas import daxpy

from multilogit import _kernels
from multilogit._arrays import Float64

__all__ = ["add_and_dot", "combine", "dot", "inner_products", "weighted_square"]


def dot(a: Float64, b: Float64, n_threads: int = 1) -> float:
    """Return the inner product of a and b, of any one shape."""
    if _kernels.native is None:
        return float(np.vdot(a, b))
    return float(_kernels.native.dot(a, b, n_threads))


def weighted_square(weight: Float64, x: Float64, n_threads: int = 1) -> float:
    """Return ``sum_i weight_i x_i^2``, of any one shape."""
    if _kernels.native is None:
        return float(np.einsum("i,i,i->", weight.ravel(), x.ravel(), x.ravel()))
    return float(_kernels.native.weighted_square(weight, x, n_threads))


def add_and_dot(factor: float, x: Float64, y: Float64, z: Float64, n_threads: int = 1) -> float:
    """Add ``factor x`` to y, in place; return the inner product of the new y with z, which may be y."""
    if _kernels.native is None:
        _add(factor, x, y)
        return float(np.vdot(y, z))
    return float(_kernels.native.add_and_dot(factor, x, y, z, n_threads))


def inner_products(A: Sequence[Float64], B: Sequence[Float64], n_threads: int = 1) -> Float64:
    """Return the inner product of each of A with each of B, (len(A), len(B)), all of any one shape."""
    out = np.empty((len(A), len(B)))
    if not out.size:
        return out
    if _kernels.native is None:
        out[:] = [[np.vdot(a, b) for b in B] for a in A]
    else:
        _kernels.native.inner_products(A, B, n_threads, out)
    return out


def combine(factors: Sequence[float], rows: Sequence[Float64], out: Float64, n_threads: int = 1) -> None:
    """Write ``sum_j factors[j] rows[j]`` to out, which may be the first of the rows."""
    if _kernels.native is None:
        np.multiply(factors[0], rows[0], out=out)
        for factor, row in zip(factors[1:], rows[1:], strict=True):
            _add(factor, row, out)
    else:
        _kernels.native.combine(factors, rows, out, n_threads)


def _add(factor: float, x: Float64, y: Float64) -> None:
    """Add ``factor x`` to y, which is contiguous, in place, where NumPy would make an array of their size."""
    if x.size:  # BLAS refuses none
        daxpy(x.ravel(), y.reshape(-1), a=factor)
