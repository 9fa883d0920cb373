"""The search for a separating hyperplane: a linear program whose constraints are generated.

The program of Konis [1]_, over directions V, with rows scaled to size one and columns made orthonormal,

    maximise  sum of all margins    subject to    margins >= 0,  |V| <= 1,

has the optimum zero exactly when the classes overlap. A relaxation on few rows either has the optimum zero, which
settles the question, or proposes a V whose violated rows join the next round. The proposal is cleaned before it is
believed: margins of nearly zero are made exact ties by a projection, and if that leaves any margin negative the
verdict is withheld.

References
----------
.. [1] K. Konis, "Linear programming algorithms for detecting separated data in binary logistic regression
   models", PhD thesis, University of Oxford, 2007.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import linalg, optimize

from multilogit._arrays import Array, Float64
from multilogit._data.source import RowBlock
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._proofs.recession import Margins, Recession, Verdict, block_margins, separated

__all__ = ["separating_direction"]

_LARGEST = 4_000  # parameters
_TIE = 1e-6  # the feasibility tolerance of the linear program: margins below it may be ties
_RANK = 1e-12  # of a scaled triangle's diagonal: below it the columns are left as they are, only scaled
_NO_GAIN = 1e-13  # of a sum over rows of numbers of size one
_PROJECTION = 1e-12  # a tie after projection, per square root of the number of parameters
_TIE_ROUNDING = 16 * np.finfo(np.float64).eps  # of the terms of a margin
_SAMPLE = 4096  # rows that the typical size of a column is taken from


def separating_direction(
    objective: SoftmaxRegression, *, max_constraints: int = 60_000, time_limit: float = 60.0
) -> Recession:
    """Return whether the classes of the single problem are separated.

    UNDECIDED if the search exceeds its limits: seconds, constraints, or the number of parameters.
    """
    program = _Program(objective)
    if program.size > _LARGEST:
        return Recession(Verdict.UNDECIDED)
    rows = program.sample()
    deadline = time.monotonic() + time_limit
    while (left := deadline - time.monotonic()) > 0 and len(rows) <= max_constraints:
        v = program.solve(rows, left)
        if v is None:
            break
        if program.gain @ v <= _TIE * np.abs(program.gain).sum():
            return Recession(Verdict.OVERLAP)
        violated = program.violated(v)
        if len(violated) == 0:
            return program.judge(v)
        rows = np.vstack([rows, violated])
    return Recession(Verdict.UNDECIDED)


@dataclass(frozen=True)
class _Program:
    """The program in the coordinates v = vec of (D', F): columns in an orthonormal basis, class rows in contrasts."""

    objective: SoftmaxRegression

    @cached_property
    def size(self) -> int:
        """Number of variables."""
        return int(self.objective.layout.n_rows * self.objective.layout.contrasts[0].shape[1])

    @cached_property
    def scale(self) -> Float64:
        """A typical size of each column's non-zero values (D,), which no single wild value moves."""
        source = self.objective.source
        largest, parts = np.zeros(source.n_features), []
        stride = -(-source.n_rows // _SAMPLE)
        for index in range(source.n_blocks):
            block = source.block(index)
            A = np.abs(block.rows.dense()[self.objective.weights(block)[:, 0] > 0])
            largest = np.maximum(largest, A.max(axis=0, initial=0.0))
            parts.append(A[::stride])
        sample, typical = np.vstack(parts), largest.copy()
        for j in np.flatnonzero(sample.any(axis=0)):
            typical[j] = np.median(sample[sample[:, j] > 0, j])
        return np.exp2(np.rint(np.log2(np.where(largest > 0, typical, 1.0))))  # divisions by it are exact

    def coordinates(self, block: RowBlock) -> Float64:
        """Return (x_i / s, 1) scaled to size one (n, D'), by powers of two: no margin changes its sign or a digit."""
        A = block.rows.dense() / self.scale
        if self.objective.layout.fit_intercept:
            A = np.hstack([A, np.ones((len(A), 1))])
        largest = np.abs(A).max(axis=1, initial=0.0, keepdims=True)
        return np.asarray(np.ldexp(A, -np.frexp(np.where(largest > 0, largest, 1.0))[1]))

    @cached_property
    def basis(self) -> Float64:
        """T (D', D') that makes the coordinates' columns orthonormal, times sqrt(N); the identity if they are not full.

        Nearly collinear columns would hide from the program's tolerance what only their difference separates.
        """
        source, n = self.objective.source, self.objective.layout.n_rows
        R = np.zeros((0, n))
        for index in range(source.n_blocks):
            block = source.block(index)
            A = self.coordinates(block)[self.objective.weights(block)[:, 0] > 0]
            R = linalg.qr(np.vstack([R, A]), mode="r", check_finite=False)[0][:n]
        norms = np.linalg.norm(R, axis=0)
        scale = np.divide(1.0, norms, out=np.ones_like(norms), where=norms > 0)
        if len(R) < n or (np.abs(np.diag(R)) * scale <= _RANK).any():
            return np.eye(n)
        inverse = scale[:, None] * linalg.solve_triangular(R * scale, np.eye(n))
        return np.asarray(np.sqrt(source.n_rows) * inverse)

    @cached_property
    def gain(self) -> Float64:
        """Gradient of the sum of all margins: per row ``n e_y - 1`` over the n classes in play; largest entry 1."""
        layout, source = self.objective.layout, self.objective.source
        total = np.zeros((layout.n_rows, layout.free_rows))
        for index in range(source.n_blocks):
            block = source.block(index)
            mine = (block.masses(layout.n_classes) > 0) & (self.objective.weights(block) > 0)
            counts = layout.class_mask[0].sum() * mine - mine.sum(axis=1, keepdims=True) * layout.class_mask[0]
            total += self.coordinates(block).T @ layout.free(counts.astype(np.float64))
        gain = (self.basis.T @ total @ layout.contrasts[0]).ravel()
        largest = np.abs(gain).max(initial=0.0)
        if largest <= _NO_GAIN * source.n_rows * layout.n_classes:  # equal class means: every margin is a tie
            return np.zeros_like(gain)
        return np.asarray(gain / largest)

    def rows(self, block: RowBlock, margins: Margins, chosen: Array) -> Float64:
        """Return the rows A (m, size) of the chosen margins: ``A v`` are their values."""
        layout = self.objective.layout
        X = self.coordinates(block)[margins.row[chosen]] @ self.basis
        E = layout.with_reference(layout.contrasts[0].T).T  # (K, F): logits of the contrast coordinates
        difference = E[margins.own[chosen]] - E[margins.other[chosen]]
        return np.asarray((X[:, :, None] * difference[:, None, :]).reshape(len(X), self.size))

    def along(self, v: Float64) -> Iterator[tuple[RowBlock, Margins]]:
        """Yield every block with its margins along v, rows scaled as in `coordinates`."""
        layout, source, V = self.objective.layout, self.objective.source, self.direction(v)
        for index in range(source.n_blocks):
            block = source.block(index)
            margins = block_margins(self.objective, layout.zeros(), block)
            U = layout.with_reference(self.coordinates(block) @ V)
            yield block, replace(margins, value=U[margins.row, margins.own] - U[margins.row, margins.other])

    def sample(self) -> Float64:
        """Return the constraints of evenly spread rows, a few per variable."""
        parts = []
        wanted = -(-10 * self.size // self.objective.source.n_blocks)
        for block, margins in self.along(np.zeros(self.size)):
            parts.append(self.rows(block, margins, np.arange(0, len(margins.row), max(len(margins.row) // wanted, 1))))
        return np.vstack(parts)

    def solve(self, rows: Float64, time_limit: float) -> Float64 | None:
        """Return the optimum of the relaxation to some rows, None if the time ran out."""
        norms = np.abs(rows).max(axis=1, keepdims=True)
        result = optimize.linprog(
            -self.gain,
            A_ub=-rows / np.where(norms > 0, norms, 1.0),
            b_ub=np.zeros(len(rows)),
            bounds=(-1.0, 1.0),
            method="highs",
            options={"time_limit": time_limit},
        )
        return np.asarray(result.x) if result.status == 0 else None

    def direction(self, v: Float64) -> Float64:
        """Return the direction on `coordinates`, (D', K')."""
        layout = self.objective.layout
        return np.asarray(self.basis @ v.reshape(layout.n_rows, self.size // layout.n_rows) @ layout.contrasts[0].T)

    def theta(self, v: Float64) -> Float64:
        """Return the direction in the rows of theta, (D', 1, K')."""
        V = self.direction(v)
        V[: self.objective.layout.n_features] /= self.scale[:, None]
        return V[:, None, :]

    def violated(self, v: Float64) -> Float64:
        """Return the most violated constraints over all rows."""
        parts = []
        budget = -(-4 * self.size // self.objective.source.n_blocks) + 8
        for block, margins in self.along(v):
            worst = np.argsort(margins.value)[:budget]
            parts.append(self.rows(block, margins, worst[margins.value[worst] < -_TIE]))
        return np.vstack(parts)

    def ties(self, v: Float64) -> Float64:
        """Return R of a QR factorisation of the margins that are nearly zero: their null space, in few rows."""
        triangle = np.zeros((0, self.size))
        for block, margins in self.along(v):
            near = self.rows(block, margins, np.flatnonzero(np.abs(margins.value) <= _TIE))
            if len(near):
                triangle = linalg.qr(np.vstack([triangle, near]), mode="r", check_finite=False)[0][: self.size]
        return triangle

    def judge(self, v: Float64) -> Recession:
        """Make the near ties exact by a projection and believe the direction only if nothing is lost by it."""
        ties = self.ties(v)
        if len(ties):
            null = linalg.null_space(ties, rcond=1e-9)
            v = null @ (null.T @ v)
        largest = np.abs(v).max(initial=0.0)
        if largest < _TIE:
            return Recession(Verdict.OVERLAP)
        return self.verified(v / largest)

    def verified(self, v: Float64) -> Recession:
        """Return SEPARATED if no margin along v is negative beyond its own rounding, UNDECIDED otherwise."""
        layout, codes = self.objective.layout, np.zeros(0, dtype=np.intp)
        K, largest = layout.n_classes, np.abs(self.direction(v))
        for block, margins in self.along(v):
            size = layout.with_reference(np.abs(self.coordinates(block)) @ largest)
            terms = size[margins.row, margins.own] + size[margins.row, margins.other]
            tolerance = _PROJECTION * np.sqrt(self.size) + _TIE_ROUNDING * terms
            if (margins.value < -tolerance).any():
                return Recession(Verdict.UNDECIDED)
            codes = np.union1d(codes, margins.pairs(margins.value > tolerance, K))
        return separated(self.theta(v), codes, K)
