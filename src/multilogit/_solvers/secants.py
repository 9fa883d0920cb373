"""The pairs of L-BFGS and the direction that they give: Nocedal's two loops, in inner products.

The recursion (J. Nocedal, Math. Comp. 35 (1980) 773-782) passes over every vector twice, and over its result at each.
Its loops need only s_i'y_j, s_i'g and y_i'r (the compact form of Byrd, Nocedal and Schnabel, Math. Program. 63 (1994)
129-156, is the same matrix): two products of all pairs with a vector and two sums of all pairs, whatever their number.
The first product also gives what the newest pair adds.

A pair may be scaled by any number, so s is the direction itself, which exists anyway, and y the change of the gradient
per unit of it.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.vectors import combine, inner_products
from multilogit._solvers.metric import Metric

__all__ = ["Secants"]


@dataclass(frozen=True, slots=True)
class Secants:
    """Directions s and changes y of the gradient per unit of them (m each, flat), oldest first.

    ``products`` (m, m) holds s_i'y_j for i <= j, ``squares`` (m,) y_i'M^-1 y_i in the metric M. The multiple of M^-1
    that the pairs correct is the geometric mean of s_i'y_i / y_i'M^-1 y_i: the usual scaling in the metric's terms.
    """

    s: tuple[Float64, ...] = ()
    y: tuple[Float64, ...] = ()
    products: Float64 = field(default_factory=lambda: np.zeros((0, 0)))
    squares: tuple[float, ...] = ()

    def __len__(self) -> int:
        """Return their number m."""
        return len(self.s)

    def slopes(self, gradient: Float64, n_threads: int) -> Float64:
        """Return s_i'g (m,)."""
        return inner_products(self.s, (gradient.reshape(-1),), n_threads)[:, 0]

    def joined_by(
        self, s: Float64, y: Float64, gradient: Float64, metric: Metric, most: int, n_threads: int
    ) -> tuple[Self, Float64]:
        """Return the pairs with one more, the oldest left out beyond ``most``, and s_i'g of them.

        A pair without curvature is not taken: rounding alone can make one, the objective being convex.
        """
        kept = (*self.s, s.reshape(-1))[-most:]
        found = inner_products(kept, (y.reshape(-1), gradient.reshape(-1)), n_threads)
        if not found[-1, 0] > 0.0:
            return self, self.slopes(gradient, n_threads)
        products = np.zeros((len(kept), len(kept)))
        first = len(self) + 1 - len(kept)
        products[:-1, :-1], products[:, -1] = self.products[first:, first:], found[:, 0]
        squares = (*self.squares, metric.square(y, n_threads))[-most:]
        joined = replace(self, s=kept, y=(*self.y, y.reshape(-1))[-most:], products=products, squares=squares)
        return joined, found[:, 1]

    def under(self, metric: Metric, shape: tuple[int, ...], n_threads: int) -> Self:
        """Return the pairs with their squares in another metric; ``shape`` is theta's."""
        return replace(self, squares=tuple(metric.square(y.reshape(shape), n_threads) for y in self.y))

    def direction(self, metric: Metric, gradient: Float64, slopes: Float64, n_threads: int) -> Float64:
        """Return the inverse Hessian approximation times -gradient, in one new array; ``slopes`` are s_i'g.

        ``q = -g - sum_j a_j y_j``, ``r = scale M^-1 q + sum_j b_j s_j``, where the loops find a and b.
        """
        m, curvatures = len(self), self.products.diagonal()
        a, b = np.zeros(m), np.zeros(m)
        for i in reversed(range(m)):
            a[i] = -(slopes[i] + self.products[i, i + 1 :] @ a[i + 1 :]) / curvatures[i]
        q = np.empty_like(gradient)
        combine([-1.0, *-a], [gradient.reshape(-1), *self.y], q.reshape(-1), n_threads)
        r = metric.solve(q, overwrite=True).reshape(-1)
        if m:
            logarithms = [math.log(s_y / y_y) for s_y, y_y in zip(curvatures.tolist(), self.squares, strict=True)]
            scale = math.exp(sum(logarithms) / m)
            changes = scale * inner_products(self.y, (r,), n_threads)[:, 0]
            for i in range(m):
                b[i] = a[i] - (changes[i] + self.products[:i, i] @ b[:i]) / curvatures[i]
            combine([scale, *b], [r, *self.s], r, n_threads)
        return r.reshape(gradient.shape)
