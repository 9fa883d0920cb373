"""Directions of recession: whether a hyperplane separates classes, so that no finite optimum exists.

V is a direction of recession of the unpenalised likelihood when no row loses by it: with ``v_i = V'(x_i, 1)``,
every margin ``v_i,y - v_i,k`` of the row's own class y over another class k is non-negative; the classes are
separated if some margin is positive (Albert and Anderson, Biometrika 71 (1984) 1-10). The search is the linear
program of Konis (PhD thesis, Oxford, 2007)

    maximise  sum of all margins   subject to   margins >= 0,  |V| <= 1

whose optimum is zero exactly when the classes overlap. Its constraints are generated: a relaxation on few rows
either has optimum zero, which settles the question, or proposes a V whose violated rows join the next round.
The proposal is cleaned before it is believed: rows with a margin of nearly zero are made exact ties by a
projection, and if that leaves any negative margin the verdict is withheld.
"""

import time
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from scipy import linalg, optimize

from multilogit._arrays import Array, Float64
from multilogit._data.source import RowBlock
from multilogit._objective.softmax_regression import SoftmaxRegression

__all__ = ["Recession", "Verdict", "separating_direction", "separation_of"]

_TIE = 1e-6  # the feasibility tolerance of the linear program: margins below it may be ties
_LARGEST = 4_000  # parameters
_EXACT = 1e-10  # a tie after projection, relative to the row's largest possible margin


class Verdict(Enum):
    """Outcome of the search; UNASKED where there was none."""

    UNASKED = auto()
    SEPARATED = auto()
    OVERLAP = auto()
    UNDECIDED = auto()


@dataclass(frozen=True)
class Recession:
    """``direction`` (D', K'), intercept last, None unless separated; ``pairs`` of class indices that it separates."""

    verdict: Verdict
    direction: Float64 | None = None
    pairs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class _Constraints:
    """Rows of the program in contrast coordinates: margins ``A v`` for v = vec(V E), with (row class, other class)."""

    A: Float64
    pairs: Array

    def join(self, other: "_Constraints") -> "_Constraints":
        return _Constraints(np.vstack([self.A, other.A]), np.vstack([self.pairs, other.pairs]))


def separation_of(objective: SoftmaxRegression, V: Float64, tolerance: float = 0.0) -> Recession:
    """Return the verdict on one direction V (D', 1, K'): separated if no margin is below ``-tolerance``.

    The pairs are those with a margin above the tolerance.
    """
    lowest, pairs = np.inf, set()
    for index in range(objective.source.n_blocks):
        margins, own = _margins(objective, V, objective.source.block(index))
        lowest = min(lowest, float(margins.min(initial=np.inf)))
        rows, others = np.nonzero((margins > tolerance) & np.isfinite(margins))
        pairs |= {(int(a), int(b)) for a, b in zip(own[rows], others, strict=True)}
    if lowest < -tolerance or not pairs:
        return Recession(Verdict.UNDECIDED)
    return Recession(Verdict.SEPARATED, V[:, 0], tuple(sorted({(min(p), max(p)) for p in pairs})))


def _margins(objective: SoftmaxRegression, V: Float64, block: RowBlock) -> tuple[Float64, Array]:
    """Return margins (n', K) over every other class in play (inf elsewhere) and the row's class, per target class."""
    Y = block.masses(objective.layout.n_classes)
    U = objective.logits(V, block)[:, 0]
    row, own = np.nonzero((Y > 0) & (block.weight[:, :1] > 0))
    margins = U[row, own][:, None] - U[row]
    margins[np.arange(len(own)), own] = np.inf
    return margins, own


def separating_direction(
    objective: SoftmaxRegression,
    *,
    max_constraints: int = 60_000,
    time_limit: float = 60.0,
) -> Recession:
    """Return whether the single problem's classes are separated, by constraint generation.

    UNDECIDED if the search exceeds its limits: seconds, constraints, or the number of parameters.
    """
    program = _Program.of(objective)
    if program.size > _LARGEST:
        return Recession(Verdict.UNDECIDED)
    constraints = program.sample()
    deadline = time.monotonic() + time_limit
    while (left := deadline - time.monotonic()) > 0:
        v = program.solve(constraints, left)
        if v is None or len(constraints.A) > max_constraints:
            return Recession(Verdict.UNDECIDED)
        if program.gain @ v <= _TIE * np.abs(program.gain).sum():
            return Recession(Verdict.OVERLAP)
        violated, ties = program.scan(v)
        if len(violated.A) == 0:
            return program.judge(v, ties)
        constraints = constraints.join(violated)
    return Recession(Verdict.UNDECIDED)


@dataclass(frozen=True)
class _Program:
    """The program in columns scaled to unit root mean square; ``gain`` is the gradient of the sum of margins."""

    objective: SoftmaxRegression
    scale: Float64
    gain: Float64

    @classmethod
    def of(cls, objective: SoftmaxRegression) -> "_Program":
        source, layout = objective.source, objective.layout
        squares = np.zeros(layout.n_features)
        for index in range(source.n_blocks):
            block = source.block(index)
            squares += block.rows.diagonal((block.weight[:, :1] > 0).astype(np.float64))[:, 0]
        rms = np.sqrt(squares / source.n_rows)
        scale = np.ones(layout.n_rows)
        scale[: layout.n_features] = np.divide(1.0, rms, out=np.zeros_like(rms), where=rms > 0)
        program = cls(objective, scale, np.zeros(0))
        gain = np.zeros(program.size)
        for index in range(source.n_blocks):
            gain += program.rows(source.block(index)).A.sum(axis=0)
        return cls(objective, scale, gain / max(np.abs(gain).max(), 1e-300))

    @property
    def size(self) -> int:
        """Number of variables."""
        return int(self.objective.layout.n_rows * self.objective.layout.contrasts[0].shape[1])

    def rows(self, block: RowBlock, chosen: Array | None = None) -> _Constraints:
        """Return the margin constraints of the chosen (row, own, other) triples of a block; all of them by default."""
        layout = self.objective.layout
        if chosen is None:
            chosen = self.triples(block)
        A = block.rows.dense()
        if layout.fit_intercept:
            A = np.hstack([A, np.ones((len(A), 1))])
        E = layout.with_reference(layout.contrasts[0].T).T  # (K, F): logits of the contrast coordinates
        row, own, other = chosen.T
        products = (A * self.scale)[row][:, :, None] * (E[own] - E[other])[:, None, :]
        return _Constraints(products.reshape(len(chosen), len(self.scale) * E.shape[1]), chosen[:, 1:])

    def triples(self, block: RowBlock) -> Array:
        """Return (row, own class, other class) of every margin of a block."""
        Y = block.masses(self.objective.layout.n_classes)
        present = np.flatnonzero(self.objective.layout.class_mask[0])
        row, own = np.nonzero((Y > 0) & (block.weight[:, :1] > 0))
        triples = np.column_stack(
            [np.repeat(row, len(present)), np.repeat(own, len(present)), np.tile(present, len(row))]
        )
        return np.asarray(triples[triples[:, 1] != triples[:, 2]])

    def sample(self) -> _Constraints:
        """Return the constraints of evenly spread rows, a few per variable."""
        source = self.objective.source
        per_block = -(-10 * self.size // source.n_blocks)
        parts = []
        for index in range(source.n_blocks):
            block = source.block(index)
            triples = self.triples(block)
            parts.append(self.rows(block, triples[:: max(len(triples) // per_block, 1)]))
        return _Constraints(np.vstack([p.A for p in parts]), np.vstack([p.pairs for p in parts]))

    def solve(self, constraints: _Constraints, time_limit: float) -> Float64 | None:
        """Return the optimum of the relaxation, None if the time ran out."""
        norms = np.abs(constraints.A).max(axis=1, keepdims=True)
        A = -constraints.A / np.where(norms > 0, norms, 1.0)
        result = optimize.linprog(
            -self.gain,
            A_ub=A,
            b_ub=np.zeros(len(A)),
            bounds=(-1.0, 1.0),
            method="highs",
            options={"time_limit": time_limit},
        )
        return np.asarray(result.x) if result.status == 0 else None

    def theta(self, v: Float64) -> Float64:
        """Return the direction in the rows of theta, (D', 1, K')."""
        layout = self.objective.layout
        V = v.reshape(layout.n_rows, self.size // layout.n_rows) * self.scale[:, None]
        return (V @ layout.contrasts[0].T)[:, None, :]

    def scan(self, v: Float64) -> tuple[_Constraints, _Constraints]:
        """Return the most violated constraints over all rows, and those that are nearly ties."""
        source, violated, ties = self.objective.source, [], []
        budget = -(-4 * self.size // source.n_blocks) + 8
        for index in range(source.n_blocks):
            block = source.block(index)
            triples = self.triples(block)
            U = self.objective.logits(self.theta(v), block)[:, 0]
            margin = U[triples[:, 0], triples[:, 1]] - U[triples[:, 0], triples[:, 2]]
            worst = np.argsort(margin)[:budget]
            violated.append(self.rows(block, triples[worst[margin[worst] < -_TIE]]))
            ties.append(self.rows(block, triples[np.abs(margin) <= _TIE]))
        return tuple(  # type: ignore[return-value]
            _Constraints(np.vstack([p.A for p in part]), np.vstack([p.pairs for p in part]))
            for part in (violated, ties)
        )

    def judge(self, v: Float64, ties: _Constraints) -> Recession:
        """Make the near ties exact by a projection and believe the direction only if nothing is lost by it."""
        if len(ties.A):
            null = linalg.null_space(_triangle(ties.A), rcond=1e-9)
            v = null @ (null.T @ v)
        largest = np.abs(v).max(initial=0.0)
        if largest < _TIE:
            return Recession(Verdict.OVERLAP)
        return separation_of(self.objective, self.theta(v / largest), _EXACT * np.sqrt(self.size))


def _triangle(A: Float64) -> Float64:
    """Return R of A = Q R, which has A's null space and at most as many rows as columns."""
    return np.asarray(linalg.qr(A, mode="r", check_finite=False)[0][: A.shape[1]])
