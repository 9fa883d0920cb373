"""Scores of predictions on rows that a fit has not seen: by name, by a function of y and P, or by a scorer."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import get_scorer

from multilogit._arrays import Array, Float64, Integers
from multilogit.errors import InputError

__all__ = ["Part", "Score", "resolve_scoring"]


@dataclass(frozen=True)
class Part:
    """Rows that a fit has not seen: ``labels`` (n,) are indices of classes, y the classes themselves.

    ``log_probability`` (n, K) is what the fit predicts; ``weight`` (n,) is None where the user gave none; ``model``
    returns the fit as an estimator, and ``rows`` the rows as the user passed them.
    """

    labels: Integers
    y: Array
    log_probability: Float64
    weight: Float64 | None
    model: Callable[[], Any]
    rows: Callable[[], Any]

    def mean(self, values: Float64) -> float:
        """Return the weighted mean over the rows."""
        return float(np.average(values, weights=self.weight))


Score = Callable[[Part], float]


def _log_loss(part: Part) -> float:
    """Return the mean of log p_y; -inf where an outcome was held to be impossible."""
    return part.mean(part.log_probability[np.arange(len(part.labels)), part.labels])


def _accuracy(part: Part) -> float:
    """Return the share of rows whose most probable class is their own."""
    return part.mean((part.log_probability.argmax(axis=1) == part.labels).astype(np.float64))


def _brier(part: Part) -> float:
    """Return minus the mean of |P_i - Y_i|^2, of two classes half of it: scikit-learn's scale."""
    error = np.exp(part.log_probability)
    error[np.arange(len(part.labels)), part.labels] -= 1.0
    return -part.mean(np.square(error).sum(axis=1)) * (0.5 if error.shape[1] == 2 else 1.0)


_NAMED: dict[str, Score] = {"accuracy": _accuracy, "neg_brier_score": _brier, "neg_log_loss": _log_loss}


def resolve_scoring(scoring: Any) -> Score:
    """Return the score that ``scoring`` means; of a fit, higher is better."""
    if scoring is None:
        return _log_loss
    if isinstance(scoring, str):
        if scoring in _NAMED:
            return _NAMED[scoring]
        try:
            scoring = get_scorer(scoring)
        except ValueError as error:
            raise InputError(
                f"scoring must be one of scikit-learn's names (sklearn.metrics.get_scorer_names()). Got {scoring!r}."
            ) from error
    needed = _required_arguments(scoring)
    if needed == 2:
        return lambda part: float(scoring(part.y, np.exp(part.log_probability)))
    if needed == 3:
        return lambda part: _by_scorer(scoring, part)
    raise InputError(
        "scoring must be a name, a function of y and P (n, K), or a scikit-learn scorer of estimator, X and y. "
        f"Got {scoring!r}."
    )


def _by_scorer(scorer: Any, part: Part) -> float:
    weight = {} if part.weight is None else {"sample_weight": part.weight}
    return float(scorer(part.model(), part.rows(), part.y, **weight))


def _required_arguments(function: Any) -> int:
    """Return how many positional arguments a call must have, 0 of what is no function."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.default is each.empty and each.kind in positional for each in parameters)
