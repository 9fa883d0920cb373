"""Rows, targets, weights and the arguments of a fit that do not suit: said in words, and nothing has changed."""

import numpy as np
import pytest
from networks.examples import (
    BCE,
    BINARY,
    CCE,
    CLASSES,
    LABELS,
    MSE,
    ONE_HOT,
    REAL,
    SCCE,
    SOFT,
    WEIGHT,
    X,
    network,
    refused,
    softmax_network,
    unchanged,
)

from multilogit.networks import SGD, Dense, Sequential


def changed(array, row, value, column=None):
    """Return a copy of an array with another number in it."""
    array = array.astype(float)
    array[row if column is None else (row, column)] = value
    return array


def ending_in(last, loss, units=CLASSES):
    return network(Dense(6, "tanh"), Dense(units, last, name="out"), optimizer=SGD(0.1), loss=loss)


# The last activation, the loss, x, y; what the sentence has to say.
DATA = {
    "too narrow": ("softmax", CCE, X[:, :2], SOFT, "The layer 'dense' expects rows of 3 numbers, and x has 2"),
    "too wide": ("softmax", CCE, np.hstack([X, X]), SOFT, "and x has 6: its shape is (20, 6), expected (N, 3)."),
    "one row": (
        "softmax",
        CCE,
        X[0],
        SOFT[:1],
        "of shape (N, D). Got shape (3,). For one row pass x[None, :], for one column x[:, None].",
    ),
    "no rows": ("softmax", CCE, X[:0], SOFT[:0], "x must be rows of numbers, of shape (N, D). Got shape (0, 3)."),
    "images": ("softmax", CCE, X[None], SOFT, "x must be rows of numbers, of shape (N, D). Got shape (1, 20, 3)."),
    "a number": ("softmax", CCE, 3.0, SOFT, "x must be rows of numbers, of shape (N, D)."),
    "text": ("softmax", CCE, X.astype(str), SOFT, "x must be numbers. Got an array of type <U"),
    "objects": ("softmax", CCE, X.astype(object), SOFT, "x must be numbers. Got an array of type object: encode it"),
    "complex": ("softmax", CCE, X + 1j, SOFT, "x must be numbers. Got an array of type complex128"),
    "dates": ("softmax", CCE, X.astype("M8[D]"), SOFT, "x must be numbers. Got an array of type datetime64[D]"),
    "ragged": ("softmax", CCE, [[1, 2, 3], [1, 2]], SOFT[:2], "x must be"),
    "no x": ("softmax", CCE, None, SOFT, "x must be numbers."),
    "fewer targets": ("softmax", CCE, X, SOFT[:9], "y must have a row for each of x: x has 20, y has shape (9, 4)."),
    "one target": ("softmax", CCE, X, 1.0, "y must have a row for each of x: x has 20, y has shape"),
    "no targets": ("softmax", CCE, X, None, "y is missing: pass the targets of the rows."),
    "wide targets": (
        "linear",
        MSE,
        X,
        np.hstack([REAL, REAL]),
        "The layer 'out' gives 4 numbers a row, and y has shape (20, 8), expected (20, 4).",
    ),
    "labels for rows": ("softmax", CCE, X, LABELS, "For class numbers take loss='sparse_categorical_crossentropy'."),
    "labels in a column": ("softmax", CCE, X, LABELS[:, None], "take loss='sparse_categorical_crossentropy'."),
    "rows for labels": ("softmax", SCCE, X, ONE_HOT, "For one-hot rows take loss='categorical_crossentropy'."),
    "text for numbers": ("linear", MSE, X, REAL.astype(str), "y must be numbers. Got an array of type <U"),
    "text for labels": (
        "softmax",
        SCCE,
        X,
        LABELS.astype(str),
        "y must be 20 class numbers, of shape (20,). Got shape",
    ),
    "ragged targets": ("linear", MSE, X[:2], [[1, 2, 3, 4], [1]], "y must be"),
    "a class too many": ("softmax", SCCE, X, changed(LABELS, 7, 4), "as the network has 4 outputs. Got 4.0 in row 7."),
    "a whole class too many": (
        "softmax",
        SCCE,
        X,
        LABELS + 1,
        "Number the classes from 0, or give the last layer a unit",
    ),
    "a negative class": ("softmax", SCCE, X, np.where(np.arange(20) == 5, -1, LABELS), "Got -1 in row 5."),
    "half a class": ("softmax", SCCE, X, changed(LABELS, 3, 1.5), "Got 1.5 in row 3."),
    "no class": ("softmax", SCCE, X, changed(LABELS, 3, np.nan), "Got nan in row 3."),
    "above one": (
        "sigmoid",
        BCE,
        X,
        changed(BINARY, 2, 1.5, 1),
        "for binary_crossentropy. Got 1.5 in row 2, column 1.",
    ),
    "below zero": ("sigmoid", BCE, X, changed(BINARY, 4, -1, 3), "Got -1 in row 4, column 3."),
    "a negative share": (
        "softmax",
        CCE,
        X,
        changed(SOFT, 6, -0.5, 2),
        "y must be 0 or more for categorical_crossentropy. Got -0.5 in row 6",
    ),
}


@pytest.mark.parametrize("mistake", DATA)
def test_data_that_do_not_suit_are_refused_everywhere_and_change_nothing(kernels, mistake):
    last, loss, x, y, sentence = DATA[mistake]
    model = ending_in(last, loss)
    for call in (model.fit, model.evaluate, model.gradient):
        with unchanged(model):
            refused(lambda call=call: call(x, y), sentence)


def test_several_targets_for_one_output_are_refused_with_the_remedy():
    model = ending_in("linear", MSE, units=1)
    refused(
        lambda: model.fit(X, REAL), "The layer 'out' gives 1 numbers a row, and y has shape (20, 4), expected (20, 1)"
    )
    refused(lambda: model.fit(X, REAL), "For 4 targets end the network with 4 units.")


@pytest.mark.parametrize("mistake", ["too narrow", "one row", "no rows", "images", "text", "objects", "ragged"])
def test_rows_that_do_not_suit_are_not_predicted(kernels, mistake):
    x, sentence = DATA[mistake][2], DATA[mistake][4]
    refused(lambda: softmax_network().predict(x), sentence)
    if mistake != "one row":
        refused(lambda: softmax_network().jacobian(x), sentence)


# Arguments of fit; what the sentence has to say.
OPTIONS = {
    "weights of other rows": (
        {"sample_weight": WEIGHT[:5]},
        "must have one number per row, shape (20,). Got shape (5,).",
    ),
    "weights of numbers": ({"sample_weight": REAL}, "sample_weight must have one number per row"),
    "a negative weight": (
        {"sample_weight": changed(WEIGHT, 3, -1)},
        "must be finite and not negative. Got -1.0 in row 3.",
    ),
    "a weight that is none": ({"sample_weight": changed(WEIGHT, 8, np.nan)}, "Got nan in row 8."),
    "text for weights": ({"sample_weight": ["a"] * 20}, "sample_weight must be numbers."),
    "two weights": ({"sample_weight": WEIGHT, "class_weight": {0: 1}}, "Pass class_weight or sample_weight, not both"),
    "weights in a list": ({"class_weight": [1, 2]}, "class_weight must be a dict of class numbers and weights"),
    "a class of text": ({"class_weight": {"a": 1}}, "class_weight names the class 'a'"),
    "a class that is none": ({"class_weight": {4: 1}}, "class_weight names the class 4"),
    "a class below": ({"class_weight": {-1: 1}}, "class_weight names the class -1"),
    "a class of negative weight": (
        {"class_weight": {1: -2}},
        "must be finite and not negative. Got -2 for the class 1.",
    ),
    "batches of nothing": ({"batch_size": 0}, "batch_size must be a whole number, 1 or more. Got 0."),
    "batches of half a row": ({"batch_size": 2.5}, "batch_size must be a whole number, 1 or more. Got 2.5."),
    "negative epochs": ({"epochs": -1}, "epochs must be a whole number, 0 or more. Got -1."),
    "epochs of text": ({"epochs": "10"}, "epochs must be a whole number, 0 or more. Got '10'."),
    "an early beginning": ({"initial_epoch": -1}, "initial_epoch must be a whole number, 0 or more. Got -1."),
    "verbose": ({"verbose": 3}, "verbose must be 'auto', 0, 1 or 2. Got 3."),
    "a split of everything": ({"validation_split": 1}, "validation_split must be between 0 and 1. Got 1."),
    "a split below": ({"validation_split": -0.2}, "validation_split must be between 0 and 1. Got -0.2."),
    "a split of nothing": ({"validation_split": 0.99}, "validation_split=0.99 of 20 rows leaves 0 for training"),
    "validation rows alone": ({"validation_data": X}, "(x, y) or (x, y, sample_weight). Got ndarray."),
    "four of them": (
        {"validation_data": (X, SOFT, WEIGHT, WEIGHT)},
        "validation_data must be (x, y) or (x, y, sample_weight)",
    ),
    "other validation rows": ({"validation_data": (X[:, :2], SOFT)}, "and validation_data's x has 2"),
    "other validation targets": (
        {"validation_data": (X, SOFT[:3])},
        "y must have a row for each of validation_data's x",
    ),
    "other validation weights": (
        {"validation_data": (X, SOFT, WEIGHT[:3])},
        "validation_data's sample_weight must have one",
    ),
    "never validated": (
        {"validation_data": (X, SOFT), "validation_freq": 0},
        "validation_freq must be a whole number, 1 or more",
    ),
    "validation of Keras": ({"validation_steps": 3}, "fit has no validation_steps: rows are arrays in memory"),
    "steps of Keras": ({"steps_per_epoch": 3}, "fit has no steps_per_epoch: rows are arrays in memory"),
}


@pytest.mark.parametrize("mistake", OPTIONS)
def test_arguments_of_fit_that_do_not_suit_are_refused_and_change_nothing(kernels, mistake):
    options, sentence = OPTIONS[mistake]
    model = softmax_network()
    with unchanged(model):
        refused(lambda: model.fit(X, SOFT, **options), sentence)


@pytest.mark.parametrize("options", [{"y": SOFT[:3]}, {"y": SOFT, "epochs": -1}, {"y": SOFT, "class_weight": [1]}])
def test_a_refused_fit_does_not_build_a_model_for_the_rows_of_a_mistake(kernels, options):
    model = Sequential([Dense(CLASSES, "softmax")])
    model.compile("sgd", CCE)
    refused(lambda: model.fit(X, **options), "")
    assert (model.built, model.get_weights()) == (False, [])
    model.fit(X[:, :2], SOFT)
    assert model.input_shape == (None, 2)
