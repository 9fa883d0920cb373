"""Scores of predictions on rows that a fit has not seen: by name, by a function of y and P, or by a scorer."""

import inspect
from collections.abc import Callable, Iterator
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

    ``weight`` (n,) is None where the user gave none. ``blocks`` yields the predicted log-probabilities of some rows
    after another, (m, K); ``model`` returns the fit as an estimator, and ``rows`` the rows as the user passed them.
    """

    labels: Integers
    y: Array
    weight: Float64 | None
    blocks: Callable[[], Iterator[Float64]]
    model: Callable[[], Any]
    rows: Callable[[], Any]

    def mean(self, values: Callable[[Integers, Float64], Float64]) -> float:
        """Return the weighted mean of the ``values`` (m,) of labels (m,) and log-probabilities (m, K)."""
        start, total = 0, 0.0
        for log_P in self.blocks():
            span = slice(start, start + len(log_P))
            found = values(self.labels[span], log_P)
            if self.weight is not None:  # a row without weight does not count, even where its value is infinite
                counts = self.weight[span] > 0
                found = found[counts] * self.weight[span][counts]
            total, start = total + float(found.sum()), span.stop
        return total / (start if self.weight is None else float(self.weight.sum()))

    def probabilities(self) -> Float64:
        """Return P (n, K)."""
        return np.asarray(np.exp(np.concatenate(list(self.blocks()))))


Score = Callable[[Part], float]


def _log_loss(labels: Integers, log_P: Float64) -> Float64:
    """Return log p_y; -inf where an outcome was held to be impossible."""
    return np.asarray(log_P[np.arange(len(labels)), labels])


def _accuracy(labels: Integers, log_P: Float64) -> Float64:
    """Return whether the most probable class is the row's own."""
    return np.asarray(log_P.argmax(axis=1) == labels, dtype=np.float64)


def _brier(labels: Integers, log_P: Float64) -> Float64:
    """Return ``-|P_i - Y_i|^2``, of two classes half of it: scikit-learn's scale."""
    error = np.exp(log_P)
    error[np.arange(len(labels)), labels] -= 1.0
    return np.asarray(-np.square(error).sum(axis=1) * (0.5 if error.shape[1] == 2 else 1.0))


_NAMED = {"accuracy": _accuracy, "neg_brier_score": _brier, "neg_log_loss": _log_loss}


def resolve_scoring(scoring: Any) -> Score:
    """Return the score that ``scoring`` means; of a fit, higher is better."""
    name = "neg_log_loss" if scoring is None else scoring
    if isinstance(name, str):
        if name in _NAMED:
            return lambda part: part.mean(_NAMED[name])
        try:
            scoring = get_scorer(name)
        except ValueError as error:
            raise InputError(
                f"scoring must be one of scikit-learn's names (sklearn.metrics.get_scorer_names()). Got {name!r}."
            ) from error
    needed = _required_arguments(scoring)
    if needed == 2:
        return lambda part: float(scoring(part.y, part.probabilities()))
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
