"""Certified optima of seven problems, and how many of their digits a fit has.

``references/certified.json`` holds optima that were computed in 320-bit ball arithmetic and proved by a Krawczyk
test, printed to 22 digits. ``loglik`` is the unpenalised log-likelihood at the optimum. Coefficients are class-major:

- L2 with C = 1 (iris, wine, digits: K rows, intercepts free with sum 0; breast_cancer: one row), the intercept last;
- unpenalised (anes96, spector, fair: classes 1 to K - 1 against class 0), the constant last.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mpmath
import numpy as np
import sklearn.datasets
import statsmodels.datasets

CERTIFIED = json.loads(Path(__file__).with_name("references").joinpath("certified.json").read_text(encoding="utf-8"))
PENALISED = ("iris", "wine", "breast_cancer", "digits")
UNPENALISED = ("anes96", "spector", "fair")
EVERY = PENALISED + UNPENALISED

# Numbers below it in size are zeros of the optimum, to be met absolutely.
ZERO = 1e-9


@dataclass(frozen=True)
class Reference:
    """A problem with its optimum: ``coefficients`` (rows, D + 1) as printed, ``value`` f* as an mpmath number."""

    name: str
    X: np.ndarray
    y: np.ndarray
    C: float
    coefficients: np.ndarray
    value: mpmath.mpf

    @property
    def n_classes(self):
        return int(self.y.max()) + 1

    def rows(self, coefficients):
        """Return coefficients (K or 1, D + 1) as the reference counts them: against class 0 where unpenalised."""
        if np.isinf(self.C) and len(coefficients) > 1:
            return coefficients[1:] - coefficients[0]
        return coefficients

    def digits(self, coefficients):
        """Return the correct digits of the worst coefficient (its log relative error, at most 15.95)."""
        ours, truth = self.rows(coefficients), self.coefficients.astype(np.float64)
        large = np.abs(truth) > ZERO
        error = np.max(np.abs(ours[large] - truth[large]) / np.abs(truth[large]))
        return min(15.95, -np.log10(error)) if error > 0 else 15.95

    def error_of_zeros(self, coefficients):
        """Return the largest absolute error where the optimum is zero; 0 if it is nowhere."""
        ours, truth = self.rows(coefficients), self.coefficients.astype(np.float64)
        return float(np.abs(ours - truth)[np.abs(truth) <= ZERO].max(initial=0.0))


@cache
def load(name):
    """Return the reference of that name, with its data."""
    entry = CERTIFIED[name]
    X, y = _data(name)
    assert len(X) == entry.get("n", len(X))
    coefficients = np.array(entry["coef"]).reshape(-1, X.shape[1] + 1)
    penalised = name in PENALISED
    with mpmath.workdps(30):
        weights = [mpmath.mpf(text) for row in coefficients for text in row[:-1]]
        penalty = mpmath.fsum(weights, squared=True) / 2 if penalised else 0
        value = penalty - mpmath.mpf(entry["loglik"])
    return Reference(name, X, y, 1.0 if penalised else np.inf, coefficients, value)


def _data(name):
    if name in PENALISED:
        return getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
    columns = CERTIFIED[name]["columns"][:-1]
    loaded = getattr(statsmodels.datasets, name).load_pandas()
    if name == "fair":
        return loaded.data[columns].to_numpy(float), loaded.data["rate_marriage"].to_numpy(int) - 1
    return loaded.exog[columns].to_numpy(float), loaded.endog.to_numpy(int)
