"""The coefficients of a fit in the two forms that they have, the user's and the centred one that predicts."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from multilogit._arrays import Array, Float64
from multilogit._kernels.double_double import two_product
from multilogit._kernels.prediction import open_predictor
from multilogit._objective.layout import Layout

__all__ = ["Coefficients", "Fitted"]

_TERMS = 1 << 14  # products at a time: they stay in the cache


@dataclass(frozen=True)
class Coefficients:
    """``coef`` (K or 1, D) and ``intercept`` (K or 1,) in the user's units, and the centred form that predicts.

    ``x coef' + intercept = (x - centre) coef' + centred_intercept``, where the right-hand side loses no digit
    however far from zero a column lies.
    """

    coef: Array
    intercept: Array
    centre: Float64
    centred_intercept: Float64

    @classmethod
    def of(cls, theta: Float64, layout: Layout, centre: Float64, dtype: Any) -> "Coefficients":
        """Return the coefficients of theta (D', 1, K'); a class out of play has zeros and the intercept -inf."""
        coef = np.ascontiguousarray(layout.weights(theta)[:, 0].T).astype(dtype)
        centred = layout.intercept(theta)[0].copy()
        if layout.free_rows == layout.n_classes:
            centred[~layout.class_mask[0]] = -np.inf
        return cls(coef, _shifted(centred, coef.astype(np.float64), centre).astype(dtype), centre, centred)

    @classmethod
    def of_fitted(cls, estimator: Any) -> "Coefficients":
        """Return the coefficients that an estimator predicts with, scikit-learn's or ours.

        The stored centre is used while coef_ and intercept_ still are what was fitted; a copy tells, because a
        change may have been made in place.
        """
        coef = estimator.coef_.toarray() if sparse.issparse(estimator.coef_) else np.asarray(estimator.coef_)
        intercept = np.broadcast_to(estimator.intercept_, (len(coef),))
        fitted = getattr(estimator, "_fitted", None)
        if fitted is not None and np.array_equal(coef, fitted.coef) and np.array_equal(intercept, fitted.intercept):
            return cls(coef, intercept, estimator.centre_, estimator.centred_intercept_)
        return cls(coef, intercept, np.zeros(coef.shape[1]), np.asarray(intercept, dtype=np.float64))

    def recentred(self, centre: Float64) -> "Coefficients":
        """Return the same model about another centre."""
        moved = self.centred_intercept + self.coef.astype(np.float64) @ (centre - self.centre)
        return replace(self, centre=centre, centred_intercept=moved)

    def give_to(self, estimator: Any) -> None:
        """Set the fitted arrays of an estimator, and let it remember them to notice a later change."""
        estimator.coef_, estimator.intercept_ = self.coef, self.intercept
        estimator.centre_, estimator.centred_intercept_ = self.centre, self.centred_intercept
        arrays = (self.coef, self.intercept, self.centre, self.centred_intercept)
        estimator._fitted = Fitted(*(array.copy(order="C") for array in arrays))

    def predictor(self) -> Any:
        """Return what predicts dense rows from these coefficients."""
        arrays = (self.coef, self.intercept, self.centre, self.centred_intercept)
        return open_predictor(*(np.ascontiguousarray(array, dtype=np.float64) for array in arrays))

    def theta(self, layout: Layout) -> Float64:
        """Return the parameters (D', 1, K') that these coefficients are."""
        W = self.coef.T.astype(np.float64)
        b = np.where(np.isfinite(self.centred_intercept), self.centred_intercept, 0.0)
        rows = [W, b[None, :]] if layout.fit_intercept else [W]
        return np.concatenate(rows)[:, None, :]


class Fitted:
    """Copies of the arrays that a fit left behind, and the predictor over them.

    A user may change what the estimator shows, in place too: the copies tell. The predictor is compiled, is built on
    first use and is no part of the state that is pickled or copied.
    """

    def __init__(self, coef: Array, intercept: Array, centre: Float64, centred_intercept: Float64) -> None:
        self.coef, self.intercept = coef, intercept
        self.centre, self.centred_intercept = centre, centred_intercept

    @cached_property
    def predictor(self) -> Any:
        """What predicts dense rows, as long as the estimator holds these very arrays."""
        return open_predictor(self.coef, self.intercept, self.centre, self.centred_intercept)

    def __getstate__(self) -> dict[str, Any]:
        """Return the arrays."""
        return {name: value for name, value in self.__dict__.items() if name != "predictor"}


def _shifted(intercept: Float64, coef: Float64, centre: Float64) -> Float64:
    """Return ``intercept - coef centre`` (K,), each rounded once; -inf stays."""
    shifted, some = intercept.copy(), max(_TERMS // max(len(centre), 1), 1)
    for first in range(0, len(coef), some):
        chosen = slice(first, first + some)
        high, low = two_product(coef[chosen], centre)
        terms = np.concatenate([intercept[chosen, None], -high, -low], axis=1).tolist()
        shifted[chosen] = [math.fsum(row) if math.isfinite(row[0]) else row[0] for row in terms]
    return shifted
