"""What tests of networks share: networks in a few words, rows and parameters for them, the reference kernels."""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from multilogit import _kernels
from multilogit._objective.examples import Examples
from multilogit._objective.network import Activate, Dense, Drop, Ending, Network

__all__ = ["ENDINGS", "assert_near", "examples_of", "network_of", "on_reference", "theta_of"]

# The loss, and the activation that comes before it where it takes probabilities.
ENDINGS = {
    "squared error": (Ending(), None),
    "softmax": (Ending("softmax_cross_entropy", "softmax"), None),
    "softmax of logits": (Ending("softmax_cross_entropy", keep_logits=True), None),
    "logistic": (Ending("logistic_cross_entropy", "sigmoid"), None),
    "logistic of logits": (Ending("logistic_cross_entropy", keep_logits=True), None),
    "binary": (Ending("binary_cross_entropy"), "sigmoid"),
    "categorical": (Ending("categorical_cross_entropy"), "softmax"),
}


def network_of(inputs, *words, ending="squared error", bias=True, smoothing=0.0):
    """Return a network: a whole number is a dense layer, a share is dropped, a name is an activation."""
    kept, before = ENDINGS[ending]
    operations = [
        Activate(word) if isinstance(word, str) else Drop(word) if isinstance(word, float) else Dense(word, bias)
        for word in (*words, *([] if before is None else [before]))
    ]
    return Network(inputs, tuple(operations), replace(kept, smoothing=smoothing))


def theta_of(network, dtype=np.float64, seed=0):
    """Return random parameters, of a size that keeps the numbers of every layer near one."""
    rng = np.random.default_rng([seed, network.n_parameters])
    theta = rng.normal(size=network.n_parameters)
    for W, b in network.weights(theta):
        np.divide(W, np.sqrt(max(len(W), 1)), out=W)
        if b is not None:
            np.multiply(b, 0.3, out=b)
    return theta.astype(dtype)


def examples_of(network, N, dtype=np.float64, *, labels=False, weighted=False, seed=1):
    """Return rows and targets that suit the loss: zeros, ones and masses other than one among them; weights of zero."""
    rng = np.random.default_rng([seed, N, network.inputs])
    K, loss = network.widths[-1], network.ending.loss
    X = rng.normal(size=(N, network.inputs)).astype(dtype)
    weight = rng.uniform(0.5, 2.0, N) * (rng.uniform(size=N) > 0.2) if weighted else None
    weight = None if weight is None else weight.astype(dtype)
    if labels:
        return Examples(X, None, rng.integers(0, K, N).astype(dtype), weight)
    Y = rng.normal(size=(N, K)) if loss == "squared_error" else rng.uniform(size=(N, K))
    if loss != "squared_error":
        Y *= rng.uniform(size=(N, K)) > 0.3
        Y[::3] = np.eye(K)[rng.integers(0, K, len(Y[::3]))]
    return Examples(X, Y.astype(dtype), None, weight)


@contextmanager
def on_reference():
    """Run what the enclosed lines ask for on the NumPy kernels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_kernels, "native", None)
        yield


def assert_near(ours, theirs, rounding):
    """Compare arrays or lists, each entry with the size of the largest."""
    ours, theirs = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding * np.abs(theirs).max(initial=1e-30))
