"""Layers that come and go, their names, and their weights."""

import numpy as np
import pytest
from networks.examples import INPUTS, X, network, refused, same
from numpy.testing import assert_array_equal

from multilogit import networks
from multilogit.networks import Activation, Dense, Dropout, Input, Sequential


def constant(value):
    """Return an initializer of one number."""
    return lambda shape, dtype: np.full(shape, value, dtype)


def test_adding_layers_one_by_one_is_the_same_as_a_list_of_them():
    networks.set_random_seed(1)
    model = Sequential()
    for layer in (Input((INPUTS,)), Dense(4), Activation("tanh"), Dense(2)):
        model.add(layer)
    listed = network(Dense(4), Activation("tanh"), Dense(2), dtype="float32")
    assert same(model.get_weights(), listed.get_weights())
    assert same([model.predict(X)], [listed.predict(X)])


def test_weights_do_not_depend_on_when_the_width_is_known():
    early = network(Dense(4), Dense(2), seed=6)
    networks.set_random_seed(6)
    late = Sequential([Dense(4), Dense(2)], dtype="float64")
    assert (late.built, late.get_weights(), late.count_params()) == (False, [], 0)
    late.build((None, INPUTS))
    assert late.built
    assert same(early.get_weights(), late.get_weights())


def test_popping_a_layer_gives_back_the_model_before_it():
    model = network(Dense(4), Dense(2))
    before, layer = model.get_weights()[:2], model.layers[-1]
    model.pop()
    assert same(model.get_weights(), before)
    assert model.output_shape == (None, 4)
    model.add(Dense(3))
    assert same(model.get_weights()[:2], before)
    assert model.layers[-1].name == "dense_1"
    assert layer.get_weights() == []


def test_a_layer_that_was_popped_may_go_to_another_model():
    model, other, layer = network(Dense(4)), network(Dense(4)), Dense(2)
    model.add(layer)
    model.pop()
    other.add(layer)
    assert other.predict(X).shape == (len(X), 2)


def test_a_new_layer_makes_the_optimizer_forget_what_it_knew():
    model = network(Dense(4), optimizer="adam", loss="mse")
    model.fit(X, np.ones((len(X), 4)))
    assert model.optimizer.iterations == 1
    model.add(Dense(2))
    assert (model.optimizer.iterations, model.optimizer.slots) == (0, ())
    assert len(model.fit(X, np.ones((len(X), 2))).epoch) == 1


def test_layers_are_named_by_their_class_and_numbered_within_the_model():
    for _ in range(2):  # a second model begins anew
        model = network(Dense(2), Activation("relu"), Dense(2), Dropout(0.1), Dense(2, name="last"), Activation(None))
        names = [each.name for each in model.layers]
        assert names == ["dense", "activation", "dense_1", "dropout", "last", "activation_1"]
    assert (model.name, Sequential(name="mine").name) == ("sequential", "mine")


def test_a_name_that_is_taken_is_not_given_again():
    model = network(Dense(2, name="dense_1"), Dense(2), Dense(2))
    assert [each.name for each in model.layers] == ["dense_1", "dense", "dense_2"]
    refused(lambda: model.add(Dense(2, name="dense")), "There is a layer 'dense' in the model already.")
    assert len(model.layers) == 3


def test_a_layer_is_found_by_name_or_place():
    model = network(Dense(2), Activation("relu"))
    assert model.get_layer("activation") is model.get_layer(index=1) is model.layers[1]
    refused(lambda: model.get_layer("denes"), "There is no layer 'denes'. There are 'dense', 'activation'.")


def test_shapes_tell_the_width_of_rows_and_outputs():
    model = network(Dense(7), Activation("softmax"))
    assert (model.input_shape, model.output_shape) == ((None, INPUTS), (None, 7))
    refused(lambda: Sequential([Dense(2)]).output_shape, "The model does not know the width of the rows yet")


@pytest.mark.parametrize("shape", [(None, 5), (5,), [None, 5], (32, 5)])
def test_building_takes_the_last_number_of_a_shape(shape):
    model = Sequential([Dense(2)])
    model.build(shape)
    assert model.layers[0].kernel.shape == (5, 2)
    model.build()
    model.build((None, 5))
    refused(lambda: model.build((None, 6)), "The model is built for rows of 5 numbers. Got 6.")


@pytest.mark.parametrize("shape", [None, (), (None, 0), (None, "5"), (5, None)])
def test_building_needs_a_width(shape):
    model = Sequential([Dense(2)])
    refused(lambda: model.build(shape), "The shape of a row must be (D,)")
    assert not model.built


def test_weights_are_listed_layer_by_layer_the_kernel_first():
    layers = (Dense(4, bias_initializer=constant(1)), Activation("relu"), Dense(2, use_bias=False), Dense(1))
    model = network(*layers)
    assert [each.shape for each in model.get_weights()] == [(INPUTS, 4), (4,), (4, 2), (2, 1), (1,)]
    assert_array_equal(model.get_weights()[1], np.ones(4))
    assert model.count_params() == 4 * INPUTS + 4 + 8 + 3
    assert [each.count_params() for each in model.layers] == [16, 0, 8, 3]


def test_weights_that_are_given_out_are_copies():
    model = network(Dense(2))
    for weights in (model.get_weights(), model.layers[0].get_weights(), model.weights):
        weights[0][:] = 9
    for weights in (model.layers[0].kernel, model.layers[0].bias):
        with pytest.raises(ValueError, match="read-only"):
            weights[:] = 9
    assert abs(model.get_weights()[0]).max() < 2
    mine = [np.ones((INPUTS, 2)), np.ones(2)]
    model.set_weights(mine)
    mine[0][:] = 9
    assert_array_equal(model.get_weights()[0], np.ones((INPUTS, 2)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_come_back_as_they_were_set_in_the_type_of_the_model(dtype):
    model = network(Dense(2), Dense(1), dtype=dtype)
    given = [each + np.arange(each.size, dtype=dtype).reshape(each.shape) for each in model.get_weights()]
    model.set_weights([each.tolist() for each in given])
    assert same(model.get_weights(), given)
    assert model.get_weights()[0].dtype == np.dtype(dtype)


def test_the_weights_of_one_layer_may_be_set():
    model = network(Dense(2), Dense(1))
    first = model.layers[0].get_weights()
    model.layers[1].set_weights([np.full((2, 1), 3.0), [5.0]])
    assert same(model.layers[0].get_weights(), first)
    assert_array_equal(model.layers[1].kernel, np.full((2, 1), 3.0))
    assert_array_equal(model.layers[1].bias, [5.0])
    refused(lambda: Dense(2).set_weights([]), "The layer 'Dense' is in no model yet")


WRONG = {
    "too few": (lambda W, b: [W], "The model has 2 arrays of weights. Got 1."),
    "a shape": (lambda W, b: [W.T, b], "The layer 'dense' expects finite weights of shape (3, 2). Got (2, 3)."),
    "a shape of the bias": (lambda W, b: [W, b[None]], "weights of shape (2,). Got (1, 2)."),
    "not finite": (lambda W, b: [W * np.nan, b], "Got (3, 2) with numbers that are not finite."),
    "too large": (lambda W, b: [W.astype(float) + 1e300, b], "Got (3, 2) with numbers that are not finite."),
    "text": (lambda W, b: [W, ["a", "b"]], "weights of 'dense' must be numbers. Got an array of type <U1"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_weights_are_refused_and_none_is_set(wrong):
    change, sentence = WRONG[wrong]
    model = network(Dense(2), dtype="float32")
    before = model.get_weights()
    refused(lambda: model.set_weights(change(*before)), sentence)
    refused(lambda: model.layers[0].set_weights(change(*before)), sentence)
    assert same(model.get_weights(), before)


ADDED = {
    "text": (lambda: Sequential(["dense"]), "A layer is Dense, Activation, Dropout or Input. Got 'dense' of type str."),
    "a class": (lambda: Sequential([Dense]), "A layer is Dense, Activation, Dropout or Input. Got <class"),
    "a model": (lambda: Sequential([Sequential()]), "of type Sequential."),
    "an input later": (lambda: Sequential([Dense(2), Input((2,))]), "An Input stands at the beginning of a model"),
    "two inputs": (lambda: Sequential([Input((2,)), Input((2,))]), "An Input stands at the beginning of a model"),
    "nothing to pop": (lambda: Sequential().pop(), "The model has no layers to take away."),
    "a type": (lambda: Sequential(dtype="float16"), "dtype must be 'float32' or 'float64'. Got 'float16'."),
    "no type": (lambda: Sequential(dtype="real"), "dtype must be 'float32' or 'float64'. Got 'real'."),
}


@pytest.mark.parametrize("added", ADDED)
def test_what_is_no_layer_is_refused(added):
    refused(*ADDED[added])


def test_a_layer_belongs_to_one_model():
    layer = Dense(2)
    model = network(layer)
    refused(lambda: model.add(layer), "The layer 'dense' is in a model already. Make another one.")
    refused(lambda: network(layer), "The layer 'dense' is in a model already.")
    assert model.layers == [layer]


@pytest.mark.parametrize("bad", [constant(np.nan), lambda shape, dtype: np.zeros(shape[::-1], dtype)])
def test_first_weights_that_are_none_are_refused_with_the_layer_and_leave_the_model_as_it_was(bad):
    model = network(Dense(4))
    before = model.get_weights()
    refused(lambda: model.add(Dense(2, kernel_initializer=bad)), "The kernel of the layer 'dense_1' must begin as")
    assert same(model.get_weights(), before)
    assert model.predict(X).shape == (len(X), 4)
    late = Sequential([Dense(2, kernel_initializer=bad)])
    refused(lambda: late.build((None, INPUTS)), "The kernel of the layer 'dense' must begin as finite numbers")
    assert not late.built
