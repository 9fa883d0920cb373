"""What each layer takes and does; old names, and what only Keras has."""

import subprocess
import sys

import numpy as np
import pytest
from networks.examples import INPUTS, MSE, REAL, X, network, refused, same
from numpy.testing import assert_allclose, assert_array_equal

from multilogit import _kernels, networks
from multilogit.errors import InputError
from multilogit.networks import SGD, Activation, Callback, Dense, Dropout, GlorotUniform, Input, Sequential
from multilogit.networks.activations import relu

OLD_NAMES = """
import sys, warnings
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as notes:
    from multilogit.networks import SGD, Activation, Adam, Dense, Dropout, Sequential
    models = [Sequential([Dense(2, input_shape=(4,))]), Sequential([Dense(2, input_dim=5)])]
    models.append(Sequential([Activation("relu", input_shape=(6,)), Dense(1)]))
    assert [each.input_shape for each in models] == [(None, 4), (None, 5), (None, 6)]
    assert [each.count_params() for each in models] == [10, 12, 7]
    assert (SGD(lr=0.1).learning_rate, Adam(lr=0.2).learning_rate) == (0.1, 0.2)
for note in notes:
    print(note.category.__name__, note.filename, note.message)
"""


def test_old_names_work_with_one_note_each_for_a_process():
    command = [sys.executable, "-c", OLD_NAMES]
    notes = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    width, rate = notes
    assert width.startswith(
        "UserWarning <string> input_shape= and input_dim= are old names, which work; new code begins"
    )
    assert (
        rate
        == "UserWarning <string> lr= is an old name, which works; new code writes learning_rate=. This is said once."
    )


@pytest.mark.filterwarnings("ignore:input_shape= and input_dim=")
def test_the_width_of_rows_may_stand_at_a_later_layer_where_it_agrees():
    assert network(Dense(4), Dense(2, input_shape=(4,))).output_shape == (None, 2)
    refused(
        lambda: network(Dense(4), Dense(2, name="out", input_dim=5)),
        "The layer 'out' expects rows of 5 numbers, and the layer 'dense' gives 4.",
    )
    refused(
        lambda: network(Dense(2, input_dim=5)),
        f"The layer 'dense' expects rows of 5 numbers, and the input gives {INPUTS}.",
    )


@pytest.mark.parametrize("shape", [4, None, (), (2, 3), (0,), (-1,), (2.0,), (None,), ("2",), "4"])
def test_the_shape_of_a_row_is_one_whole_number(shape):
    refused(lambda: Input(shape), "The shape of a row must be (D,) with D of 1 or more, such as (4,)")


@pytest.mark.parametrize("units", [0, -1, 2.0, "3", None, True, np.float64(2)])
def test_units_are_a_whole_number(units):
    refused(lambda: Dense(units), f"units must be a whole number, 1 or more. Got {units!r}.")


def test_units_may_be_an_integer_of_numpy():
    assert Dense(np.int64(3)).units == 3


@pytest.mark.parametrize("kind", [lambda f: Dense(2, f), Activation])
def test_an_activation_is_a_name_a_function_or_none(kind):
    named = [("relu", "relu"), ("ReLU", "relu"), (relu, "relu"), (None, "linear"), ("linear", "linear")]
    assert [kind(given).activation for given, _ in named] == [name for _, name in named]
    refused(lambda: kind("rleu"), "There is no activation 'rleu'. Did you mean 'relu'?")
    refused(lambda: kind("leaky_relu_or_so"), "There are 'linear', 'relu', 'sigmoid', 'softmax', 'tanh'.")
    refused(lambda: kind(np.tanh), "An activation is one of 'linear', 'relu', 'sigmoid', 'softmax', 'tanh'. Got <ufunc")


def test_an_activation_layer_is_the_same_as_the_argument(kernels):
    inside, apart = network(Dense(4, "sigmoid"), Dense(2)), network(Dense(4), Activation("sigmoid"), Dense(2))
    assert same([inside.predict(X)], [apart.predict(X)])


UNKNOWN = {
    "a typing error": (lambda: Dense(2, activations="relu"), "Did you mean activation?", TypeError),
    "no layer's": (lambda: Dense(2, zzz=1), "Dense got an unexpected argument 'zzz'. It takes units,", TypeError),
    "regularizer": (
        lambda: Dense(2, kernel_regularizer="l2"),
        "Dense has no kernel_regularizer: networks here",
        InputError,
    ),
    "constraint": (lambda: Dense(2, bias_constraint="x"), "Dense has no bias_constraint: networks here", InputError),
    "trainable": (lambda: Dense(2, trainable=False), "Dense has no trainable: every layer is trained.", InputError),
    "dtype": (lambda: Activation("relu", dtype="float64"), "Sequential(..., dtype=", InputError),
    "seed": (
        lambda: Dropout(0.5, seed=1),
        "Dropout has no seed: dropout follows networks.set_random_seed.",
        InputError,
    ),
    "noise": (lambda: Dropout(0.5, noise_shape=(1,)), "Dropout has no noise_shape: networks here", InputError),
    "batch": (lambda: Input((2,), batch_size=3), "Input has no batch_size: any number of rows.", InputError),
    "sparse": (lambda: Input((2,), sparse=True), "Input got an unexpected argument 'sparse'.", TypeError),
    "a name": (lambda: Dense(2, name=3), "name must be a string. Got 3.", InputError),
}


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_arguments_that_do_not_exist_are_refused_with_the_reason(unknown):
    refused(*UNKNOWN[unknown])


def test_weights_of_a_layer_that_is_not_built_are_missed_in_words():
    refused(lambda: Dense(2).kernel, "The layer 'Dense' has no weights yet: it is built when its model knows the width")
    model = Sequential([Dense(2)])
    refused(lambda: model.layers[0].bias, "The layer 'dense' has no weights yet")
    assert network(Dense(2, use_bias=False)).layers[0].bias is None


def test_kernels_begin_glorot_uniform_and_biases_zero():
    model = network(Dense(400), inputs=200)
    W, b = model.get_weights()
    limit = np.sqrt(6 / 600)
    assert 0.99 * limit < abs(W).max() <= limit
    assert W.var() == pytest.approx(limit**2 / 3, rel=0.02)
    assert abs(W.mean()) < 0.01 * limit
    assert_array_equal(b, np.zeros(400))


def test_an_initializer_with_a_seed_always_draws_the_same():
    first, again = (network(Dense(3, kernel_initializer=GlorotUniform(seed=4)), seed=s) for s in (1, 2))
    other = network(Dense(3, kernel_initializer=GlorotUniform(seed=5)))
    assert same(first.get_weights(), again.get_weights())
    assert not same(first.get_weights(), other.get_weights())


def test_layers_of_one_shape_begin_differently():
    W, _, V, _ = network(Dense(INPUTS), Dense(INPUTS)).get_weights()
    assert not same([W], [V])


def test_an_initializer_may_be_any_function_or_a_name():
    ones = network(Dense(2, kernel_initializer=np.ones, bias_initializer="zeros"))
    assert_array_equal(ones.get_weights()[0], np.ones((INPUTS, 2)))
    refused(lambda: Dense(2, kernel_initializer="zeroes"), "There is no initializer 'zeroes'. Did you mean 'zeros'?")
    refused(lambda: Dense(2, bias_initializer=1), "An initializer is a name or a function of shape and dtype. Got 1.")


@pytest.mark.parametrize("rate", [1, 1.0, -0.1, 1.5, "0.5", None, True, float("nan")])
def test_the_rate_of_dropout_is_below_one(rate):
    refused(lambda: Dropout(rate), f"rate must be a number from 0 on, below 1. Got {rate!r}.")


class Losses(Callback):
    """Keeps the loss of each batch, where an epoch has one."""

    def __init__(self):
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])


def dropped_losses(rate, columns, batches=1, seed=3):
    """Return the loss sum x^2 of batches of ones after dropout, and that without: the weights move by nothing."""
    layer = Dense(columns, use_bias=False, kernel_initializer=lambda shape, dtype: np.eye(*shape, dtype=dtype))
    model = network(Dropout(rate), layer, inputs=columns, seed=seed, optimizer=SGD(1e-300), loss=MSE)
    x, losses = np.ones((50, columns)), Losses()
    model.fit(x, np.zeros((50, columns)), batch_size=50, epochs=batches, callbacks=losses)
    return np.array(losses.losses), model


def test_dropout_drops_numbers_in_training_and_makes_the_others_larger(kernels):
    rate, columns = 0.3, 200
    losses, _ = dropped_losses(rate, columns, batches=3)
    kept = losses * (1 - rate) ** 2  # the share of the numbers that were kept, each 1 / (1 - rate)
    deviation = np.sqrt(rate * (1 - rate) / (50 * columns))
    assert_allclose(kept, 1 - rate, atol=4 * deviation)
    assert_allclose(kept * 50 * columns, np.rint(kept * 50 * columns), atol=1e-6)
    assert len(set(losses)) == 3  # drawn anew for each step


def test_dropout_does_nothing_in_predictions_and_scores(kernels):
    _, model = dropped_losses(0.3, 20)
    assert_array_equal(model.predict(np.ones((5, 20))), np.ones((5, 20)))
    assert model.evaluate(np.ones((5, 20)), np.zeros((5, 20))) == 1.0


def test_dropout_follows_the_seed(kernels):
    assert_array_equal(dropped_losses(0.5, 20, 4)[0], dropped_losses(0.5, 20, 4)[0])
    assert (dropped_losses(0.5, 20, 4)[0] != dropped_losses(0.5, 20, 4, seed=4)[0]).any()


def test_dropout_of_nothing_is_nothing(kernels):
    assert_allclose(dropped_losses(0.0, 20, 3)[0], np.ones(3), rtol=1e-13)
    with_it, without = (
        network(Dense(4, "tanh"), *more, Dense(2), optimizer="adam", loss=MSE) for more in ([Dropout(0)], [])
    )
    for model in (with_it, without):
        networks.set_random_seed(2)
        model.fit(X, REAL[:, :2], batch_size=6, epochs=3)
    assert same(with_it.get_weights(), without.get_weights())


def test_both_kernels_drop_the_same_numbers(monkeypatch):
    found = dropped_losses(0.4, 30, 4)[0]
    monkeypatch.setattr(_kernels, "native", None)
    assert_allclose(found, dropped_losses(0.4, 30, 4)[0], rtol=1e-13)


def test_what_a_layer_says_of_itself():
    assert repr(Dense(2)) == "<Dense not in a model yet>"
    assert repr(network(Dense(2)).layers[0]) == "<Dense dense>"


@pytest.mark.parametrize(
    ("layer", "name", "value"),
    [
        (Dense(2), "units", 3),
        (Dense(2), "activation", "relu"),
        (Dense(2), "use_bias", False),
        (Dropout(0.5), "rate", 0.1),
    ],
)
def test_what_a_layer_is_does_not_change(layer, name, value):
    refused(lambda: setattr(layer, name, value), f"{name} is fixed when a layer is made.")


def test_no_layer_can_be_left_out_of_training():
    model = network(Dense(2))
    for owner in (model, model.layers[0]):
        assert owner.trainable
        owner.trainable = True
        refused(lambda owner=owner: setattr(owner, "trainable", False), "cannot be left out of training here")
