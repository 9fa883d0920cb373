"""Layout of the parameters: one array ``theta`` (D + 1, R, K'), the intercepts in its last row.

``R`` counts the stacked problems. ``K' = 1`` free row when K = 2, whose logits are ``(0, z)``: the penalty of
the second class's row is scikit-learn's binary model. For K > 2 all ``K' = K`` rows are free, and every step
is taken in the subspace of rows that sum to zero, where the penalised optimum lies.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit._kernels import double_double

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """Shapes of one family of problems; ``class_mask`` (R, K) is False for a class taken out of a problem."""

    n_features: int
    n_classes: int
    class_mask: Array
    fit_intercept: bool = True

    @property
    def n_problems(self) -> int:
        """Number of stacked problems R."""
        return int(self.class_mask.shape[0])

    @property
    def free_rows(self) -> int:
        """K', the number of free class rows."""
        return 1 if self.n_classes == 2 else self.n_classes

    @property
    def n_rows(self) -> int:
        """Rows of theta: D, and one for the intercept."""
        return self.n_features + int(self.fit_intercept)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of theta."""
        return self.n_rows, self.n_problems, self.free_rows

    @property
    def columns(self) -> int:
        """R K', the columns of theta as a matrix."""
        return self.n_problems * self.free_rows

    def zeros(self) -> Float64:
        """Return the parameters at which every class is equally probable."""
        return np.zeros(self.shape)

    def weights(self, theta: Float64) -> Float64:
        """Return W (D, R, K'), a view."""
        return theta[: self.n_features]

    def intercept(self, theta: Float64) -> Float64:
        """Return b (R, K')."""
        return theta[self.n_features] if self.fit_intercept else np.zeros(self.shape[1:])

    def with_reference(self, free: Float64) -> Float64:
        """Return logits (..., R, K) from their free columns (..., R, K'): a zero for class 0 when K = 2."""
        if self.free_rows == self.n_classes:
            return free
        return np.concatenate([np.zeros_like(free), free], axis=-1)

    def free(self, residual: Float64) -> Float64:
        """Return the free columns (..., R, K') of a residual (..., R, K): the transpose of `with_reference`."""
        return residual[..., self.n_classes - self.free_rows :]

    def class_mean(self, theta: Float64) -> Float64:
        """Return what rounding has moved theta's classes off a zero sum, as a step of theta's shape."""
        if self.free_rows == 1:
            return np.zeros_like(theta)
        total, lost = theta, np.zeros(theta.shape[:2])
        while (half := total.shape[2] // 2) > 0:  # by halves, the rounding of every addition kept
            pair, error = double_double.two_sum(total[..., :half], total[..., half : 2 * half])
            lost += error.sum(axis=2)
            total = np.concatenate([pair, total[..., 2 * half :]], axis=2)
        return (total[..., 0] + lost)[:, :, None] * self._share

    @cached_property
    def _share(self) -> Float64:
        """Of a sum over the classes, each one's share (R, K): equal among those in play."""
        return np.asarray(self.class_mask / self.class_mask.sum(axis=1, keepdims=True))

    @cached_property
    def contrasts(self) -> tuple[Float64, ...]:
        """Per problem, an orthonormal basis E (K', F) of the rows that sum to zero over the classes in play.

        Orthonormal, so that a penalty ``|W|^2`` keeps its form in the coordinates ``W = V E'``. Helmert's
        contrasts: column f compares class f + 1 with the mean of the classes before it.
        """
        if self.free_rows == 1:
            return (np.ones((1, 1)),) * self.n_problems
        return tuple(_helmert(tuple(mask)) for mask in self.class_mask.tolist())


@lru_cache(maxsize=64)
def _helmert(mask: tuple[bool, ...]) -> Float64:
    present = np.flatnonzero(mask)
    basis = np.zeros((len(mask), len(present) - 1))
    for f in range(len(present) - 1):
        basis[present[: f + 1], f] = 1.0
        basis[present[f + 1], f] = -(f + 1.0)
    basis /= np.linalg.norm(basis, axis=0)
    basis.flags.writeable = False  # shared by all that ask
    return basis
