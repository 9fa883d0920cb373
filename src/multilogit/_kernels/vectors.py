"""Inner products and sums of long vectors of parameters, in as few passes over memory as they need.

Where the kernels are compiled, the result is the same for any number of threads.
"""

import numpy as np
from scipy.linalg.blas import daxpy

from multilogit import _kernels
from multilogit._arrays import Float64

__all__ = ["add_and_dot", "dot"]


def dot(a: Float64, b: Float64, n_threads: int = 1) -> float:
    """Return the inner product of a and b, of any one shape."""
    if _kernels.native is None:
        return float(np.vdot(a, b))
    return float(_kernels.native.dot(a.reshape(-1), b.reshape(-1), n_threads))


def add_and_dot(factor: float, x: Float64, y: Float64, z: Float64, n_threads: int = 1) -> float:
    """Add ``factor x`` to y, in place; return the inner product of the new y with z, which may be y. All are flat."""
    if _kernels.native is None:
        if len(x):  # BLAS refuses none
            daxpy(x, y, a=factor)  # in place, where NumPy would make an array of their size
        return float(np.vdot(y, z))
    return float(_kernels.native.add_and_dot(factor, x, y, z, n_threads))
