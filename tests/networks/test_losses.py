"""Losses as functions and objects: their formulas, row by row."""

import numpy as np
import pytest
from networks.examples import BINARY, CLASSES, LABELS, ONE_HOT, REAL, SOFT, WEIGHT, refused
from numpy.testing import assert_allclose

from multilogit.networks import losses

P = np.exp(-REAL) / np.exp(-REAL).sum(axis=1, keepdims=True)
Q = 1 / (1 + np.exp(-2 * REAL))  # not summing to one
SHARES = Q / Q.sum(axis=1, keepdims=True)

ROW, COLUMN = np.arange(20), LABELS[:, None]
BCE, CCE, SCCE = losses.binary_crossentropy, losses.categorical_crossentropy, losses.sparse_categorical_crossentropy
# Found, and expected.
FORMULAS = {
    "mse": (losses.mean_squared_error(REAL, P), ((REAL - P) ** 2).mean(axis=1)),
    "bce": (BCE(BINARY, Q), -np.log(np.where(BINARY == 1, Q, 1 - Q)).mean(axis=1)),
    "cce": (CCE(SOFT, P), -(SOFT * np.log(P)).sum(axis=1)),
    "cce of sigmoids": (CCE(SOFT, Q), -(SOFT * np.log(SHARES)).sum(axis=1)),
    "scce": (SCCE(LABELS, P), -np.log(P[ROW, LABELS])),
    "scce of a column": (SCCE(COLUMN, Q), -np.log(SHARES[ROW, LABELS])),
    "bce of logits": (BCE(BINARY, 2 * REAL, from_logits=True), BCE(BINARY, Q)),
    "cce of logits": (CCE(SOFT, -REAL, from_logits=True), CCE(SOFT, P)),
    "scce of logits": (SCCE(LABELS, -REAL, from_logits=True), SCCE(LABELS, P)),
    "bce smoothed": (BCE(BINARY, Q, label_smoothing=0.2), BCE(0.8 * BINARY + 0.1, Q)),
    "cce smoothed": (CCE(ONE_HOT, P, label_smoothing=0.2), CCE(0.8 * ONE_HOT + 0.2 / CLASSES, P)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_a_loss_of_rows_is_its_formula(name):
    found, expected = FORMULAS[name]
    assert found.shape == (20,)
    assert found.dtype == np.float64
    assert_allclose(found, expected, rtol=1e-13)


def test_an_object_returns_the_mean_over_the_rows():
    values = losses.binary_crossentropy(BINARY, Q, label_smoothing=0.1)
    loss = losses.BinaryCrossentropy(label_smoothing=0.1)
    assert loss(BINARY, Q) == pytest.approx(values.mean(), rel=1e-14)
    assert loss(BINARY, Q, WEIGHT) == pytest.approx((WEIGHT * values).mean(), rel=1e-14)
    assert loss(BINARY, Q, WEIGHT[:, None]) == loss(BINARY, Q, WEIGHT)
    assert (loss.name, losses.BinaryCrossentropy(name="mine").name) == ("binary_crossentropy", "mine")


@pytest.mark.parametrize("kind", [losses.BinaryCrossentropy, losses.CategoricalCrossentropy])
def test_smoothing_is_a_share(kind):
    for wrong in (-0.1, 1.1):
        refused(lambda wrong=wrong: kind(label_smoothing=wrong), f"label_smoothing must be from 0 to 1. Got {wrong!r}.")


def test_a_prediction_of_zero_is_infinitely_wrong_and_not_clipped():
    certain = np.array([[1.0, 0.0]])
    assert losses.categorical_crossentropy([[0.0, 1.0]], certain) == np.inf
    assert losses.categorical_crossentropy([[1.0, 0.0]], certain) == 0.0
    assert losses.binary_crossentropy([[1.0, 1.0]], certain) == np.inf
    assert losses.binary_crossentropy([[1.0, 0.0]], certain) == 0.0


def test_targets_and_outputs_must_have_one_shape():
    refused(
        lambda: losses.mean_squared_error(REAL, P[:, :2]),
        "y_true and y_pred must have one shape. Got (20, 4) and (20, 2).",
    )
    refused(lambda: losses.sparse_categorical_crossentropy([4], P[:1]), "y_true must be 1 class numbers from 0 to 3.")
    refused(
        lambda: losses.sparse_categorical_crossentropy([1, 2], P[:1]), "y_true must be 1 class numbers from 0 to 3."
    )
