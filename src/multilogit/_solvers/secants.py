"""The pairs of L-BFGS and the direction that they give: Nocedal's two loops, in inner products.

The recursion (J. Nocedal, Math. Comp. 35 (1980) 773-782) passes over every vector twice, and over its result at each.
In inner products its loops are two triangular systems, as in the compact form of Byrd, Nocedal and Schnabel (Math.
Program. 63 (1994) 129-156): what is left are two products of all pairs with a vector and two sums of all pairs. The
first product also gives what the newest pair adds.

A pair may be scaled by any number, so s is the direction itself, which exists anyway, and y the change of the gradient
per unit of it.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.linalg import blas

from multilogit._arrays import Float64
from multilogit._objective.vectors import combine, inner_products
from multilogit._solvers.metric import Metric

__all__ = ["Secants"]


@dataclass(frozen=True, slots=True)
class Secants:
    """Directions s and changes y of the gradient per unit of them, ``most`` of each, oldest first.

    ``products`` (m, m) holds s_i'y_j for i <= j, ``scales`` (m,) s_i'y_i / y_i'M^-1 y_i in the metric M. The multiple
    of M^-1 that the pairs correct is their geometric mean: the usual scaling in the metric's terms.
    """

    most: int
    s: tuple[Float64, ...] = ()
    y: tuple[Float64, ...] = ()
    products: Float64 = field(default_factory=lambda: np.zeros((0, 0)))
    scales: tuple[float, ...] = ()

    def __len__(self) -> int:
        """Return their number m."""
        return len(self.s)

    def slopes(self, gradient: Float64, n_threads: int) -> Float64:
        """Return s_i'g (m,)."""
        return inner_products(self.s, (gradient,), n_threads)[:, 0]

    def joined_by(
        self, s: Float64, y: Float64, gradient: Float64, metric: Metric, n_threads: int
    ) -> tuple["Secants", Float64]:
        """Return the pairs with one more, the oldest left out beyond ``most``, and s_i'g of them.

        A pair without curvature is not taken: rounding alone can make one, the objective being convex.
        """
        most, kept = self.most, (*self.s, s)[-self.most :]
        found = inner_products(kept, (y, gradient), n_threads)
        if not found[-1, 0] > 0.0:
            return self, self.slopes(gradient, n_threads)
        products = np.zeros((len(kept), len(kept)))
        first = len(self) + 1 - len(kept)
        products[:-1, :-1], products[:, -1] = self.products[first:, first:], found[:, 0]
        scales = (*self.scales, float(found[-1, 0]) / metric.square(y, n_threads))
        return Secants(most, kept, (*self.y, y)[-most:], products, scales[-most:]), found[:, 1]

    def under(self, metric: Metric, n_threads: int) -> "Secants":
        """Return the pairs with their scales in another metric."""
        curvatures = self.products.diagonal().tolist()
        squares = [metric.square(y, n_threads) for y in self.y]
        return replace(self, scales=tuple(s_y / y_y for s_y, y_y in zip(curvatures, squares, strict=True)))

    def direction(self, metric: Metric, gradient: Float64, slopes: Float64, n_threads: int) -> Float64:
        """Return the inverse Hessian approximation times -gradient, in one new array; ``slopes`` are s_i'g.

        ``q = -g + sum_j a_j y_j``, ``r = scale M^-1 q``, and ``r + sum_j b_j s_j`` is returned. The first loop, from
        the newest pair to the oldest, solves ``R a = S'g`` with the triangle R of the products, the second
        ``R'b = -diag(R) a - Y'r``.
        """
        if not self.s:
            return metric.solve(-gradient, overwrite=True)
        R, curvatures = self.products.T, self.products.diagonal()  # its transpose, to BLAS
        a = blas.dtrsv(R, slopes, lower=1, trans=1)
        q = np.empty_like(gradient)
        combine([-1.0, *a.tolist()], [gradient, *self.y], q, n_threads)
        r = metric.solve(q, overwrite=True)
        scale = math.exp(sum(map(math.log, self.scales)) / len(self))
        changes = scale * inner_products(self.y, (r,), n_threads)[:, 0]
        b = blas.dtrsv(R, -curvatures * a - changes, lower=1)
        combine([scale, *b.tolist()], [r, *self.s], r, n_threads)
        return r
