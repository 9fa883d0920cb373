"""The compiled sweep over rows in memory, dense or CSR, where it can stand in for the reference sweep over blocks."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Array, Float64, Integers
from multilogit._data.memory import MemorySource
from multilogit._data.source import Source
from multilogit._objective.layout import Layout
from multilogit._objective.sums import Sums, Want
from multilogit._threads import single_threaded_blas

__all__ = ["Descended", "NativeSweep", "open_native"]

_DESCENT = Want.GRADIENT | Want.CLASS_SUMS | Want.HESSIAN
# Columns up to which the kernels take their own products, not BLAS: R K' of logits, R K of moments.
_WIDEST_TILE = 128


class Descended(NamedTuple):
    """A point, the value, gradient, class sums and Hessian there if they are known, and the steps and sweeps to it."""

    theta: Float64
    sums: Sums | None
    steps: int
    sweeps: int


class NativeSweep:
    """The sums of stacked problems over the rows of a source; they refer to its arrays, nothing is copied."""

    def __init__(self, source: MemorySource, layout: Layout, fold: Integers, scale: Float64, n_threads: int) -> None:
        assert _kernels.native is not None
        masses = source.targets.ndim == 2
        self.layout, self.n_threads = layout, n_threads
        self.sparse = source.sparse
        self.wide = not self.sparse and layout.class_mask.size > _WIDEST_TILE and _kernels.give_blas()
        open_rows = _kernels.native.Sparse if self.sparse else _kernels.native.Dense
        self.rows = open_rows(
            *(_csr_arrays(source.X) if self.sparse else (source.X,)),
            source.centre,
            None if masses else np.ascontiguousarray(source.targets, dtype=np.int64),
            np.ascontiguousarray(source.targets, dtype=np.float64) if masses else None,
            None if source.offset is None else np.ascontiguousarray(source.offset, dtype=np.float64),
            np.ascontiguousarray(source.weight),
            np.ascontiguousarray(fold, dtype=np.int32),
            np.ascontiguousarray(scale, dtype=np.float64),
            np.ascontiguousarray(layout.class_mask, dtype=np.bool_),
            layout.fit_intercept,
        )

    def serves(self, want: Want) -> bool:
        """Return whether it computes all that is wanted: of CSR rows no Gram matrix and no Hessian."""
        return not (self.sparse and want & (Want.GRAM | Want.HESSIAN))

    def evaluate(self, theta: Float64, want: Want, *, single: bool = False) -> Sums:
        """Return the sums at ``theta``; with ``single`` the products and residuals are float32, the sums float64."""
        outputs = self._outputs(want)
        self._call(self.rows.evaluate, np.ascontiguousarray(theta), want.value, single, self.n_threads, *outputs)
        return Sums(*outputs)  # type: ignore[arg-type]

    def _outputs(self, want: Want) -> list[Float64 | None]:
        """Return an array for each part of `Sums` that is wanted."""
        shapes = _shapes(self.layout.shape, self.layout.n_classes, want)
        return [None if shape is None else np.empty(shape) for shape in shapes]

    def moments(self) -> tuple[Float64, Float64]:
        """Return the sums of c_i x_i y_i' (D, R, K) and of c_i y_i (R, K), of dense rows."""
        R, K = self.layout.class_mask.shape
        cross, targets = np.empty((self.layout.n_features, R, K)), np.empty((R, K))
        self._call(self.rows.moments, self.n_threads, cross, targets)
        return cross, targets

    def product(self, theta: Float64, V: Float64, *, single: bool = False) -> Float64:
        """Return the Hessian of the loss at ``theta`` times V."""
        out = np.empty(self.layout.shape)
        self._call(self.rows.product, np.ascontiguousarray(theta), np.ascontiguousarray(V), single, self.n_threads, out)
        return out

    def descends(self) -> bool:
        """Return whether it can take Newton's steps by itself, which needs LAPACK and the Hessian."""
        return not self.sparse and _kernels.give_blas()

    def descend(self, theta: Float64, strength: Float64, *, tol: float, most: int) -> "Descended":
        """Return where full Newton steps lead, at most so many.

        They end where the duality gap is likely to be within ``tol`` times the value, or where no step gains anything
        against that, or where one would have to be shortened.
        """
        moved, outputs = np.array(theta, order="C"), self._outputs(_DESCENT)
        wanted = [output for output in outputs if output is not None]
        steps, sweeps, current = self.rows.descend(
            moved, np.ascontiguousarray(strength), tol, most, self.n_threads, *wanted
        )
        return Descended(moved, Sums(*outputs) if current else None, steps, sweeps)  # type: ignore[arg-type]

    def _call(self, function: Any, *arguments: Any) -> None:
        if not self.wide:
            function(*arguments)
            return
        with single_threaded_blas():  # the threads of the sweep call BLAS, each for its own rows
            function(*arguments)


@lru_cache(maxsize=1024)
def _shapes(theta: tuple[int, int, int], K: int, want: Want) -> tuple[tuple[int, ...] | None, ...]:
    """Return the shapes of the parts of `Sums`, in their order, None for those that are not wanted."""
    D, R, F = theta
    parts: tuple[tuple[Want, tuple[int, ...]], ...] = (
        (Want.VALUE, (R,)),
        (Want.GRADIENT, (D, R, F)),
        (Want.CLASS_SUMS, (R, K)),
        (Want.CLASS_SUMS, (R, K)),
        (Want.CLASS_CURVATURE, (R, K, K)),
        (Want.MARGIN, (R,)),
        (Want.GRAM, (R, D, D)),
        (Want.DIAGONAL, theta),
        (Want.HESSIAN, (R, F, D, F, D)),
    )
    return tuple(shape if part in want else None for part, shape in parts)


def _csr_arrays(X: Any) -> tuple[Array, Array, Array]:
    """Return indptr, indices and values, contiguous, both indices of one type and nothing behind the last row."""
    stored = int(X.indptr[-1])
    indices, values = np.ascontiguousarray(X.indices[:stored]), np.ascontiguousarray(X.data[:stored])
    return np.ascontiguousarray(X.indptr, dtype=indices.dtype), indices, values


def open_native(source: Source, layout: Layout, fold: Integers, scale: Float64, n_threads: int) -> NativeSweep | None:
    """Return the compiled sweep, None where the reference has to do."""
    if _kernels.native is None or not isinstance(source, MemorySource):
        return None
    if source.X.dtype not in (np.float32, np.float64):
        return None
    return NativeSweep(source, layout, fold, scale, n_threads)
