"""The scikit-learn face: estimators with its names, and certificates it does not have."""

from multilogit import _threads
from multilogit.estimators.certify import certify
from multilogit.estimators.logistic_regression import LogisticRegression
from multilogit.estimators.outcome import ConvergenceWarning

__all__ = ["ConvergenceWarning", "LogisticRegression", "certify"]

# scikit-learn has loaded threadpoolctl: whoever limits all its pools from now on, limits ours too.
_threads.register_pool()
