"""Softmax regression over a source: what every solver needs, in one sweep over row blocks.

The objective of each stacked problem r, in the user's units, is::

    f_r(W, b) = sum_i c_ir loss(W'x_i + b + o_i, y_i) + penalty(W),    c_ir = C_r w_ir
    loss(z, y) = -sum_k y_k log softmax(z)_k

with rows ``x_i`` centred, which moves b and nothing else. Residuals ``m_i p_i - y_i`` and curvatures
``m_i (diag(p_i) - p_i p_i')`` hold for labels, distributions and counts of mass m_i alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from multilogit._arrays import Float64, Integers
from multilogit._data.source import RowBlock, Source, reduce_blocks
from multilogit._kernels.residual import Residual, loss_and_residual
from multilogit._objective.layout import Layout
from multilogit._objective.moments import ClassMoments, class_moments
from multilogit._objective.native import NativeSweep, open_native
from multilogit._objective.penalty import L2
from multilogit._objective.sums import Sums, Want

__all__ = ["SoftmaxRegression"]

_FEW_COLUMNS = 16  # D': up to here the products x_i x_i' of a block fit into 4 MiB
_PAIRS_BYTES = 4 << 20
_MANY_CLASSES = 32


@dataclass(frozen=True)
class SoftmaxRegression:
    """The objective; ``scale`` (R,) holds the C of each problem.

    Problem r weighs the rows by column ``fold[r]`` of the source's weights (N, F), by column r where ``fold`` is None:
    many values of C share the weights of a fold. With ``single`` the compiled sweep multiplies and exponentiates in
    float32 and sums in float64: for steps whose last digits do not matter yet.
    """

    source: Source
    layout: Layout
    penalty: L2
    scale: Float64
    n_threads: int = 1
    fold: Integers | None = None
    single: bool = False

    @classmethod
    def stacked(cls, objectives: "Sequence[SoftmaxRegression]") -> "SoftmaxRegression":
        """Return the problems of several objectives over the same source as one stack."""
        first = objectives[0]
        mask = np.concatenate([each.layout.class_mask for each in objectives])
        return replace(
            first,
            layout=replace(first.layout, class_mask=mask),
            penalty=L2(np.concatenate([each.penalty.strength for each in objectives], axis=1)),
            scale=np.concatenate([each.scale for each in objectives]),
            fold=np.concatenate([each.weight_columns for each in objectives]),
        )

    def problems(self, chosen: Integers) -> "SoftmaxRegression":
        """Return the stack of the chosen problems, over the same source."""
        part = replace(
            self,
            layout=replace(self.layout, class_mask=self.layout.class_mask[chosen]),
            penalty=L2(self.penalty.strength[:, chosen]),
            scale=self.scale[chosen],
            fold=self.weight_columns[chosen],
        )
        vars(part)["column_moments"] = self.column_moments  # one sweep for the whole family
        return part

    def problem(self, r: int) -> "SoftmaxRegression":
        """Return one problem, over the same source."""
        return self.problems(np.array([r]))

    @property
    def weight_columns(self) -> Integers:
        """The column of the source's weights that each problem uses (R,)."""
        return np.arange(self.layout.n_problems) if self.fold is None else self.fold

    def weights(self, block: RowBlock) -> Float64:
        """Return w_ir (n, R) of a block."""
        return block.weight if self.fold is None else block.weight[:, self.fold]

    def evaluate(self, theta: Float64, want: Want) -> Sums:
        """Return the value at ``theta`` and what is wanted besides, penalty included, in one sweep."""
        if self.native is not None and self.native.serves(want):
            sums = self.native.evaluate(theta, want, single=self.single)
        else:
            sums = reduce_blocks(self.source, lambda block: self._block_sums(theta, want, block), self.n_threads)
        return self._add_penalty(theta, sums)

    def at_zero(self) -> Sums:
        """Return value, gradient and class sums at zero, without offsets: the moments know them.

        There every class in play has the probability ``p = 1/K``: the residuals are ``m_i p - y_i``, and the penalty is
        nothing.
        """
        layout, moments = self.layout, self.moments
        P = layout.class_mask / layout.class_mask.sum(axis=1, keepdims=True)
        log_P = np.log(P, out=np.zeros_like(P), where=layout.class_mask)
        expected = moments.mass[:, None] * P
        gradient = np.empty(layout.shape)
        layout.weights(gradient)[...] = layout.free(moments.features[:, :, None] * P - moments.cross)
        if layout.fit_intercept:
            gradient[-1] = layout.free(expected - moments.targets)
        log_probability = moments.mass[:, None] * log_P
        return Sums(-(log_probability * P).sum(axis=1), gradient, expected, log_probability)

    def hvp(self, theta: Float64, V: Float64) -> Float64:
        """Return the Hessian times V, of theta's shape, in one sweep."""
        if self.native is not None:
            HV = self.native.product(theta, V, single=self.single)
        else:
            HV = reduce_blocks(self.source, lambda block: self._block_hvp(theta, V, block), self.n_threads)
        D = self.layout.n_features
        HV[:D] += self.penalty.gradient(V[:D])
        return HV

    def sampled(self, stride: int) -> "SoftmaxRegression":
        """Return the objective on every stride-th row, for a metric that costs less than a sweep."""
        return self if stride <= 1 else replace(self, source=self.source.thin(stride))

    @property
    def halvable(self) -> bool:
        """Whether sweeps in float32 are at hand and cheaper: of dense rows that are stored so, or have many classes.

        Rows in float64 are rounded once centred; with few classes a sweep takes as long as they take to be read.
        """
        dense = self.native is not None and not self.source.sparse
        return dense and (self.source.single or self.layout.free_rows >= _MANY_CLASSES)

    def stored(self, theta: Float64) -> Float64:
        """Return ``theta`` as its coefficients are stored: with weights in float32 where the rows are."""
        if not self.source.single:
            return theta
        D, rounded = self.layout.n_features, theta.copy()
        rounded[:D] = theta[:D].astype(np.float32)
        return rounded

    @property
    def rounding(self) -> float:
        """How far off a value may be, relative to its size."""
        return 1e-6 if self.single else 1e-13

    def work(self, want: Want) -> float:
        """Return the cost of a sweep in gradient equivalents, that is in units of 4 N D R K' operations."""
        return _work(self.layout.n_rows, self.layout.free_rows, want)

    @cached_property
    def column_moments(self) -> ClassMoments:
        """The moments of every column of the source's weights."""
        return class_moments(self.source, self.layout.n_classes, self.n_threads)

    @cached_property
    def native(self) -> NativeSweep | None:
        """The compiled sweep over the source, None where the blocks are swept by the reference."""
        return open_native(self.source, self.layout, self.weight_columns, self.scale, self.n_threads)

    @cached_property
    def moments(self) -> ClassMoments:
        """Sums of the targets and features that no parameter changes, with ``c_i = C w_i``."""
        return self.column_moments.scaled(self.weight_columns, self.scale)

    @property
    def null_value(self) -> float:
        """Value of the first problem where every class in play is equally probable."""
        return float(self.moments.mass[0] * np.log(self.layout.class_mask[0].sum()))

    def logits(self, theta: Float64, block: RowBlock) -> Float64:
        """Return ``X W + b`` (n, R, K) of a block, without its offset, -inf for classes out of play."""
        layout = self.layout
        Z = layout.with_reference(self._linear(theta, block))
        return Z if layout.class_mask.all() else np.where(layout.class_mask, Z, -np.inf)

    def _linear(self, theta: Float64, block: RowBlock) -> Float64:
        """Return ``X W + b`` (n, R, K') in the free columns."""
        layout = self.layout
        W = np.ascontiguousarray(layout.weights(theta)).reshape(layout.n_features, layout.columns)
        XW = block.rows.matvec(W)
        return XW.reshape(len(XW), *layout.shape[1:]) + layout.intercept(theta)

    def gather(self, block: RowBlock, R: Float64) -> Float64:
        """Return ``sum_i x_i R_i'`` (D', R, K') of free columns R (n, R, K'), the intercept's row last."""
        columns = np.ascontiguousarray(R).reshape(len(R), self.layout.columns)
        parts = [block.rows.rmatvec(columns)]
        if self.layout.fit_intercept:
            parts.append(columns.sum(axis=0, keepdims=True))
        return np.concatenate(parts).reshape(self.layout.shape)

    def _block_sums(self, theta: Float64, want: Want, block: RowBlock) -> Sums:
        Y = block.masses(self.layout.n_classes)
        linear = self.logits(theta, block)
        Z = linear if block.offset is None else linear + block.offset[:, None, :]
        state = loss_and_residual(Z, Y[:, None, :])
        c = self.weights(block) * self.scale
        loss = np.where(c > 0, state.loss, 0.0)  # a class out of play has infinite loss and no weight
        sums = Sums(value=np.einsum("nr,nr->r", c, loss))
        curvature = c * Y.sum(axis=1, keepdims=True)
        if Want.GRADIENT in want:
            R = self.layout.free(state.residual) * c[:, :, None]
            sums = replace(sums, gradient=self.gather(block, R))
        if Want.CLASS_SUMS in want:
            sums = self._class_sums(sums, curvature, state)
        if Want.CLASS_CURVATURE in want:
            sums = replace(sums, class_curvature=_class_curvature(curvature, state.probability))
        if Want.MARGIN in want:
            sums = replace(sums, margin=_margin(linear, Y, c))
        if Want.GRAM in want:
            s = curvature * mean_curvature(state.probability, self.layout)
            sums = replace(sums, gram=np.stack([self.bordered(block, column) for column in s.T]))
        if Want.DIAGONAL in want:
            sums = replace(sums, diagonal=self._diagonal(block, curvature, state.probability))
        if Want.HESSIAN in want:
            sums = replace(sums, hessian=self._hessian(block, curvature, state.probability))
        return sums

    def _class_sums(self, sums: Sums, curvature: Float64, state: Residual) -> Sums:
        log_P = np.where(self.layout.class_mask, state.log_probability, 0.0)
        return replace(
            sums,
            probability=np.einsum("nr,nrk->rk", curvature, state.probability),
            log_probability=np.einsum("nr,nrk->rk", curvature, log_P),
        )

    def _diagonal(self, block: RowBlock, curvature: Float64, P: Float64) -> Float64:
        """Return the diagonal of the Hessian (D', R, K'): the squares of x_i weighed by p_ik (1 - p_ik)."""
        S = self.layout.free(curvature[:, :, None] * P * (1.0 - P)).reshape(len(P), self.layout.columns)
        border = S.sum(axis=0, keepdims=True) if self.layout.fit_intercept else S[:0]
        return np.concatenate([block.rows.diagonal(S), border]).reshape(self.layout.shape)

    def bordered(self, block: RowBlock, s: Float64) -> Float64:
        """Return ``sum_i s_i (x_i, 1)(x_i, 1)'`` (D', D')."""
        inner = block.rows.sandwich(s)
        if not self.layout.fit_intercept:
            return inner
        border = block.rows.rmatvec(s[:, None])
        return np.block([[inner, border], [border.T, s.sum()[None, None]]])

    def _hessian(self, block: RowBlock, curvature: Float64, P: Float64) -> Float64:
        """Return the Hessian (R, K', D', K', D') as the Laplacian of a graph between classes.

        ``diag(p) - p p' = sum_(j < k) p_j p_k (e_j - e_k)(e_j - e_k)'`` has no cancellation even where a
        probability rounds to one, and asks for one Gram matrix per pair of classes.
        """
        layout, D, K = self.layout, self.layout.n_rows, self.layout.n_classes
        H = np.zeros((layout.n_problems, K, D, K, D))
        for r in range(layout.n_problems):
            first, second = np.triu_indices(K, 1)
            for j, k in _chunks(first, second, len(P)):
                S = curvature[:, r, None] * P[:, r, j] * P[:, r, k]
                pairs = self._sandwiches(block, S)
                H[r, j, :, k] = H[r, k, :, j] = -pairs
            own = np.arange(K)
            H[r, own, :, own] = -H[r].sum(axis=2)
        first_row = K - layout.free_rows
        return H[:, first_row:, :, first_row:]

    def _sandwiches(self, block: RowBlock, S: Float64) -> Float64:
        """Return `bordered` of every column of S (n, M), as (M, D', D'): one product where D' is small."""
        if self.layout.n_rows > _FEW_COLUMNS:
            return np.stack([self.bordered(block, s) for s in S.T])
        A = self.design(block)
        outer = (A[:, :, None] * A[:, None, :]).reshape(len(A), A.shape[1] ** 2)
        return np.asarray((S.T @ outer).reshape(S.shape[1], A.shape[1], A.shape[1]))

    def design(self, block: RowBlock) -> Float64:
        """Return the rows (x_i, 1) of a block (n, D'), dense."""
        A = block.rows.dense()
        return np.hstack([A, np.ones((len(A), 1))]) if self.layout.fit_intercept else A

    def _block_hvp(self, theta: Float64, V: Float64, block: RowBlock) -> Float64:
        Y = block.masses(self.layout.n_classes)
        Z = self.logits(theta, block)
        Z = Z if block.offset is None else Z + block.offset[:, None, :]
        P = loss_and_residual(Z, Y[:, None, :]).probability
        layout = self.layout
        U = layout.with_reference(self._linear(V, block))
        U = P * (U - np.einsum("nrk,nrk->nr", P, U)[:, :, None])
        curvature = self.weights(block) * self.scale * Y.sum(axis=1, keepdims=True)
        return self.gather(block, layout.free(U) * curvature[:, :, None])

    def _add_penalty(self, theta: Float64, sums: Sums) -> Sums:
        """Add the penalty to sums that nobody else holds."""
        D, value, W = self.layout.n_features, sums.value, self.layout.weights(theta)
        if sums.gradient is None:
            value += self.penalty.value(W, self.n_threads)
        else:
            value += self.penalty.add(W, sums.gradient[:D], self.n_threads)
        if sums.diagonal is not None:
            sums.diagonal[:D] += self.penalty.strength[:, :, None]
        if sums.gram is not None:  # einsum gives the diagonals as views
            diagonal = np.einsum("rdd->rd", sums.gram)
            diagonal += self._row_strength
        if sums.hessian is not None:
            diagonal = np.einsum("rkdkd->rkd", sums.hessian)
            diagonal += self._row_strength[:, None]
        return sums

    @cached_property
    def _row_strength(self) -> Float64:
        """The second derivative of the penalty in each row of theta (R, D'): nothing for the intercepts."""
        padded = np.zeros((self.layout.n_problems, self.layout.n_rows))
        padded[:, : self.layout.n_features] = self.penalty.strength.T
        return padded


@cache
def _work(D: int, K: int, want: Want) -> float:
    cost = 0.5 + 0.5 * (Want.GRADIENT in want) + 0.5 * (Want.DIAGONAL in want)
    if Want.GRAM in want:
        cost += D / (4 * K)  # half of a symmetric matrix
    if Want.HESSIAN in want:
        cost += max(K * (K - 1) / 2, 1) * D / (4 * K)
    return cost


def _chunks(first: Integers, second: Integers, n: int) -> Iterator[tuple[Integers, Integers]]:
    """Yield the pairs of classes in chunks whose weights (n, pairs) stay within 4 MiB."""
    size = max(_PAIRS_BYTES // (8 * max(n, 1)), 1)
    for start in range(0, len(first), size):
        yield first[start : start + size], second[start : start + size]


def mean_curvature(P: Float64, layout: Layout) -> Float64:
    """Return s (n, R): the mean eigenvalue of ``diag(p) - p p'`` on rows that sum to zero; p q for one free row."""
    spread = np.einsum("nrk,nrk->nr", P, 1.0 - P)
    return np.asarray(spread / (2.0 if layout.free_rows == 1 else layout.n_classes - 1.0))


def _margin(Z: Float64, Y: Float64, c: Float64) -> Float64:
    """Return the smallest ``z_y - max_(k != y) z_k`` (R,) over the rows with weight."""
    target = Y[:, None, :] > 0
    best_other = np.where(target, -np.inf, Z).max(axis=-1)
    worst_target = np.where(target, Z, np.inf).min(axis=-1)
    mixed = target.sum(axis=-1) > 1  # only a tie of its classes separates a soft target: never strictly
    margin = np.where(mixed, -np.inf, np.where(mixed, 0.0, worst_target) - np.where(mixed, 0.0, best_other))
    return np.asarray(np.where(c > 0, margin, np.inf).min(axis=0))


def _class_curvature(curvature: Float64, P: Float64) -> Float64:
    """Return ``sum_i c_i m_i (diag(p_i) - p_i p_i')`` (R, K, K), its rows summing to zero as a Laplacian's do."""
    between: Float64 = -np.einsum("nr,nrj,nrk->rjk", curvature, P, P, optimize=True)
    own = np.arange(P.shape[-1])
    between[:, own, own] = 0.0
    between[:, own, own] = -between.sum(axis=2)
    return between
