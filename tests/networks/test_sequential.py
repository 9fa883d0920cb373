"""Outputs, losses and derivatives of a network, whoever trained it."""

import inspect

import numpy as np
import pytest
from networks.examples import (
    BINARY,
    CCE,
    CLASSES,
    HEADS,
    INPUTS,
    LABELS,
    MSE,
    ONE_HOT,
    REAL,
    ROWS,
    SOFT,
    WEIGHT,
    X,
    network,
    same,
    softmax_network,
)
from numpy.testing import assert_allclose, assert_array_equal

from multilogit import _kernels, networks
from multilogit.errors import InputError
from multilogit.networks import Activation, Dense, Dropout, Sequential

ACTIVATIONS = ("linear", "relu", "sigmoid", "softmax", "tanh")
LARGE = np.random.default_rng(3).normal(size=(3000, 20))


def large_network(dtype):
    layers = (Dense(96, "tanh"), Dense(64, "relu"), Dense(10, "softmax"))
    return network(*layers, inputs=20, dtype=dtype, optimizer="adam", loss=CCE)


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def test_a_prediction_is_the_composition_of_the_layers(kernels):
    model = softmax_network()
    W, b, V, c = model.get_weights()
    assert_allclose(model.predict(X), softmax(np.tanh(X @ W + b) @ V + c), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [X, X.astype(np.float32), X.tolist(), X > 0, np.rint(X).astype(int), X[::-1, ::-1]])
def test_predictions_have_the_type_of_the_model_and_a_row_for_each_row(kernels, dtype, rows):
    P = network(Dense(CLASSES), dtype=dtype).predict(rows)
    assert (P.dtype, P.shape) == (np.dtype(dtype), (ROWS, CLASSES))


def test_a_network_computes_in_float32_unless_told_otherwise():
    networks.set_random_seed(0)
    model = Sequential([Dense(1)])
    assert model.predict(X).dtype == model.get_weights()[0].dtype == np.float32


def test_rows_may_come_as_a_data_frame(kernels):
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    model, names = network(Dense(2), optimizer="sgd", loss=MSE), list("abc")
    for frame in (pandas.DataFrame(X, columns=names), polars.DataFrame(X, schema=names)):
        assert_array_equal(model.predict(frame), model.predict(X))


def test_predicting_builds_a_model_that_does_not_know_its_width_yet(kernels):
    model = Sequential([Dense(2)])
    assert model.predict(X).shape == (ROWS, 2)
    assert model.input_shape == (None, INPUTS)


def test_a_network_without_weights_predicts(kernels):
    assert_allclose(network(Activation("softmax")).predict(X), softmax(X), rtol=1e-13)
    assert_array_equal(network(Dropout(0.5)).predict(X), X)
    assert_allclose(network(Dropout(0.5), Activation("tanh")).predict(X), np.tanh(X), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_batch_size_changes_no_bit_of_a_prediction(dtype):
    model = large_network(dtype)
    P = model.predict(LARGE)
    assert all(same([model.predict(LARGE, batch_size=size)], [P]) for size in (1, 7, 1024, 10_000))
    Y = np.eye(10)[np.arange(len(LARGE)) % 10]
    losses = {model.evaluate(LARGE, Y, batch_size=size) for size in (None, 1, 7, 10_000)}
    assert len(losses) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_number_of_threads_changes_no_bit_of_anything(dtype, monkeypatch):
    Y, found = np.eye(10)[np.arange(len(LARGE)) % 10], []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("MULTILOGIT_NUM_THREADS", threads)
        model = large_network(dtype)
        history = model.fit(LARGE, Y, batch_size=700, epochs=2)
        losses = np.array([*history.history["loss"], model.evaluate(LARGE, Y)])
        slopes = [each for layer in model.gradient(LARGE, Y).values() for each in layer]
        found.append([model.predict(LARGE), losses, *slopes, *model.get_weights()])
    assert same(found[0], found[1])
    assert same(found[0], found[2])


def test_evaluate_returns_the_loss_alone_or_with_the_metrics(kernels):
    model = softmax_network()
    alone = model.evaluate(X, ONE_HOT)
    assert isinstance(alone, float)
    assert model.evaluate(X, ONE_HOT, return_dict=True) == {"loss": alone}
    model.compile("sgd", CCE, metrics=["mse", "accuracy"])
    listed = model.evaluate(X, ONE_HOT)
    P = model.predict(X)
    expected = [alone, ((P - ONE_HOT) ** 2).mean(), (P.argmax(axis=1) == LABELS).mean()]
    assert_allclose(listed, expected, rtol=1e-13)
    named = model.evaluate(X, ONE_HOT, return_dict=True)
    assert list(named.items()) == [("accuracy", listed[2]), ("loss", alone), ("mse", listed[1])]


@pytest.mark.parametrize("head", HEADS)
def test_evaluate_is_the_loss_of_the_predictions(kernels, head):
    last, loss, Y = HEADS[head]
    model = network(Dense(4, "tanh"), Dense(CLASSES, last), optimizer="sgd", loss=loss)
    P, formula = model.predict(X), networks.losses.get(loss)
    assert model.evaluate(X, Y) == pytest.approx(formula(Y, P), rel=1e-12)
    assert model.evaluate(X, Y, sample_weight=WEIGHT) == pytest.approx(formula(Y, P, WEIGHT), rel=1e-12)


def test_weights_of_rows_that_are_zero_leave_rows_out(kernels):
    model, kept = softmax_network(metrics=["accuracy"], weighted_metrics=["mse"]), np.arange(ROWS) < 15
    found = model.evaluate(X, SOFT, sample_weight=kept, return_dict=True)
    alone = model.evaluate(X[kept], SOFT[kept], return_dict=True)
    assert found["loss"] == pytest.approx(alone["loss"] * 15 / ROWS, rel=1e-13)
    assert found["mse"] == pytest.approx(alone["mse"], rel=1e-13)
    assert found["accuracy"] == pytest.approx(model.evaluate(X, SOFT, return_dict=True)["accuracy"], rel=1e-13)


def test_the_gradient_of_a_softmax_layer_is_x_times_p_minus_y(kernels):
    model = network(Dense(CLASSES, "softmax"), optimizer="sgd", loss=CCE)
    R = model.predict(X) - SOFT
    assert list(model.gradient(X, SOFT)) == ["dense"]
    W, b = model.gradient(X, SOFT)["dense"]
    assert_allclose(W, X.T @ R / ROWS, rtol=1e-12)
    assert_allclose(b, R.sum(axis=0) / ROWS, rtol=1e-12)
    assert_allclose(model.gradient(X, SOFT, WEIGHT)["dense"][0], X.T @ (WEIGHT[:, None] * R) / ROWS, rtol=1e-12)


def test_the_gradient_of_a_sigmoid_layer_is_x_times_p_minus_y(kernels):
    model = network(Dense(CLASSES, "sigmoid"), optimizer="sgd", loss="binary_crossentropy")
    R = (model.predict(X) - BINARY) / CLASSES
    W, b = model.gradient(X, BINARY)["dense"]
    assert_allclose(W, X.T @ R / ROWS, rtol=1e-12)
    assert_allclose(b, R.sum(axis=0) / ROWS, rtol=1e-12)


def test_the_gradient_has_an_entry_for_each_layer_with_weights(kernels):
    layers = (Dense(5, use_bias=False, name="below"), Activation("relu"), Dense(2))
    found = network(*layers, optimizer="sgd", loss=MSE).gradient(X, REAL[:, :2])
    assert {name: [each.shape for each in arrays] for name, arrays in found.items()} == {
        "below": [(INPUTS, 5)],
        "dense": [(5, 2), (2,)],
    }


def test_the_gradient_is_in_float64_whatever_the_model(kernels):
    single = network(Dense(CLASSES, "softmax"), dtype="float32", optimizer="sgd", loss=CCE)
    double = network(Dense(CLASSES, "softmax"), optimizer="sgd", loss=CCE)
    double.set_weights(single.get_weights())
    ours, theirs = single.gradient(X, SOFT)["dense"], double.gradient(X, SOFT)["dense"]
    assert same(ours, theirs)
    assert ours[0].dtype == np.float64


def test_dropout_has_no_part_in_derivatives(kernels):
    with_it = network(Dense(4, "tanh"), Dropout(0.5), Dense(2), optimizer="sgd", loss=MSE)
    without = network(Dense(4, "tanh"), Dense(2), optimizer="sgd", loss=MSE)
    assert same(with_it.get_weights(), without.get_weights())
    found, expected = with_it.gradient(X, REAL[:, :2]), without.gradient(X, REAL[:, :2])
    assert all(same(found[name], expected[name]) for name in ("dense", "dense_1"))
    assert same([with_it.jacobian(X)], [without.jacobian(X)])


def checked(make_layers, head):
    """Assert that a network with such layers below its last has the derivative that differences have.

    Their rounding alone comes near 1e-7 for some weights: a wrong derivative fails at all of them.
    """
    last, loss, Y = HEADS[head]
    errors = []
    for seed in (13, 6, 62):
        model = network(*make_layers(), Dense(CLASSES, last), seed=seed, optimizer="sgd", loss=loss)
        model.set_weights([each + 0.1 for each in model.get_weights()])  # biases that are not zero
        errors.append(model.gradient_check(X, Y, WEIGHT).relative_error)
        if errors[-1] < 1e-7:
            return
    pytest.fail(f"relative errors of {errors}")


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("head", HEADS)
def test_the_gradient_is_that_of_central_differences(hidden, head):
    checked(lambda: [Dense(3, hidden)], head)


@pytest.mark.parametrize("head", HEADS)
def test_the_reference_gradient_is_that_of_central_differences(head, monkeypatch):
    monkeypatch.setattr(_kernels, "native", None)
    checked(lambda: [Dense(2, "tanh")], head)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_layer_has_the_gradient_of_central_differences(kernels, hidden):
    checked(lambda: [Activation(hidden), Dense(3, use_bias=False), Dropout(0.3), Activation(hidden)], "softmax-cce")


def test_the_jacobian_of_a_softmax_layer_is_that_of_the_articles(kernels):
    model = network(Dense(CLASSES, "softmax"))
    P, W = model.predict(X), model.get_weights()[0]
    expected = (np.einsum("nk,kj->nkj", P, np.eye(CLASSES)) - P[:, :, None] * P[:, None, :]) @ W.T
    J = model.jacobian(X)
    assert J.shape == (ROWS, CLASSES, INPUTS)
    assert_allclose(J, expected, rtol=1e-12, atol=1e-15)
    assert same([model.jacobian(X[3])], [J[3]])


@pytest.mark.parametrize("head", ["softmax-cce", "sigmoid-bce", "logits-cce", "tanh-mse", "relu-mse"])
def test_the_jacobian_is_that_of_central_differences(kernels, head):
    last, loss, _ = HEADS[head]
    model = network(Dense(5, "tanh"), Dense(4, "softmax"), Dense(CLASSES, last), optimizer="sgd", loss=loss)
    J, h = model.jacobian(X), 1e-5
    for d in range(INPUTS):
        step = h * np.eye(INPUTS)[d]
        assert_allclose(J[:, :, d], (model.predict(X + step) - model.predict(X - step)) / (2 * h), atol=1e-9)


def test_outputs_of_a_loss_of_logits_are_logits(kernels):
    loss = networks.losses.CategoricalCrossentropy(from_logits=True)
    model = network(Dense(CLASSES), optimizer="sgd", loss=loss)
    W, b = model.get_weights()
    assert_allclose(model.predict(X), X @ W + b, rtol=1e-13)


def test_a_model_predicts_the_same_before_and_after_it_is_compiled(kernels):
    model = network(Dense(CLASSES, "softmax"))
    before = model.predict(X)
    model.compile("sgd", CCE)
    assert same([before], [model.predict(X)])


def test_compiling_again_keeps_the_weights_and_changes_what_is_measured(kernels):
    model = softmax_network()
    model.fit(X, ONE_HOT)
    weights = model.get_weights()
    model.compile("adam", MSE, metrics=["mae"])
    assert same(weights, model.get_weights())
    assert list(model.evaluate(X, ONE_HOT, return_dict=True)) == ["loss", "mae"]


def test_a_loss_that_does_not_suit_changes_nothing():
    model = softmax_network()
    with pytest.raises(InputError, match="from_logits=True takes logits, and the last activation is softmax"):
        model.compile("adam", networks.losses.CategoricalCrossentropy(from_logits=True))
    assert isinstance(model.optimizer, networks.SGD)
    assert model.loss.name == CCE


# Keras 3's own signatures, as far as they exist here, and what comes after them.
SIGNATURES = {
    "compile": "optimizer='rmsprop', loss=None, metrics=None, weighted_metrics=None, **unknown",
    "fit": (
        "x=None, y=None, batch_size=None, epochs=1, verbose='auto', callbacks=None, validation_split=0.0, "
        "validation_data=None, shuffle=True, class_weight=None, sample_weight=None, initial_epoch=0, "
        "validation_batch_size=None, validation_freq=1, **unknown"
    ),
    "evaluate": "x=None, y=None, batch_size=None, verbose='auto', sample_weight=None, return_dict=False, **unknown",
    "predict": "x, batch_size=None, verbose='auto', **unknown",
}


@pytest.mark.parametrize("method", SIGNATURES)
def test_arguments_and_defaults_are_keras_s(method):
    parameters = list(inspect.signature(getattr(Sequential, method)).parameters.values())[1:]
    bare = ", ".join(str(each.replace(annotation=inspect.Parameter.empty)) for each in parameters)
    assert bare == SIGNATURES[method]
