"""Names: what is meant by a string, and that every name of the package does what its namesake does."""

import importlib

import numpy as np
import pytest
from networks.examples import BINARY, CLASSES, LABELS, SCCE, X, network, refused

import multilogit
from multilogit import networks
from multilogit.errors import InputError
from multilogit.networks import Dense, activations, initializers, losses, metrics
from multilogit.networks._words import choose, note_once, refuse

LOSSES = {
    **dict.fromkeys(("mean_squared_error", "mse", "MSE", "MeanSquaredError"), losses.MeanSquaredError),
    **dict.fromkeys(("binary_crossentropy", "bce", "BCE", "BinaryCrossentropy"), losses.BinaryCrossentropy),
    **dict.fromkeys(("categorical_crossentropy", "CategoricalCrossentropy"), losses.CategoricalCrossentropy),
    **dict.fromkeys(
        ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"), losses.SparseCategoricalCrossentropy
    ),
}
METRICS = {
    "accuracy": metrics.Accuracy,
    "acc": metrics.Accuracy,
    "binary_accuracy": metrics.BinaryAccuracy,
    "BinaryAccuracy": metrics.BinaryAccuracy,
    "categorical_accuracy": metrics.CategoricalAccuracy,
    "sparse_categorical_accuracy": metrics.SparseCategoricalAccuracy,
    "mse": metrics.MeanSquaredError,
    "MSE": metrics.MeanSquaredError,
    "mean_squared_error": metrics.MeanSquaredError,
    "mae": metrics.MeanAbsoluteError,
    "MAE": metrics.MeanAbsoluteError,
    "mean_absolute_error": metrics.MeanAbsoluteError,
    "bce": metrics.BinaryCrossentropy,
    "binary_crossentropy": metrics.BinaryCrossentropy,
    "categorical_crossentropy": metrics.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": metrics.SparseCategoricalCrossentropy,
}


def test_a_loss_may_be_a_name_a_function_or_an_object():
    assert {name: type(losses.get(name)) for name in LOSSES} == LOSSES
    functions = (losses.mean_squared_error, losses.binary_crossentropy)
    assert [type(losses.get(each)) for each in functions] == [losses.MeanSquaredError, losses.BinaryCrossentropy]
    made = losses.BinaryCrossentropy(from_logits=True)
    assert losses.get(made) is made
    refused(
        lambda: losses.get("mean_sqared_error"),
        "There is no loss 'mean_sqared_error'. Did you mean 'mean_squared_error'?",
    )
    refused(
        lambda: losses.get("hinge_of_something"),
        "There is no loss 'hinge_of_something'. There are 'mean_squared_error'",
    )
    refused(lambda: losses.get(np.mean), "losses of one's own have no derivative here.")


def test_a_metric_keeps_the_name_that_it_was_given():
    assert {name: type(metrics.get(name)) for name in METRICS} == METRICS
    named = {name: metrics.get(name).name for name in METRICS}
    assert named.pop("BinaryAccuracy") == "binary_accuracy"
    assert named == {name: name for name in named}
    assert metrics.get(metrics.BinaryAccuracy) == metrics.BinaryAccuracy()
    assert metrics.get(metrics.MeanSquaredError(name="mine")).name == "mine"


def test_the_accuracy_that_suits_outputs_and_targets_is_keras_s(kernels):
    """One output, several with class numbers, several with rows; and sigmoid outputs are compared, not rounded."""
    one = network(Dense(1, "sigmoid"), optimizer="sgd", loss="bce", metrics=["accuracy", "binary_accuracy"])
    _, accuracy, binary = one.evaluate(X, BINARY[:, 0])
    assert accuracy == binary == ((one.predict(X) > 0.5) == BINARY[:, :1]).mean()
    several = network(Dense(CLASSES, "sigmoid"), optimizer="sgd", loss="bce", metrics=["accuracy", "binary_accuracy"])
    _, accuracy, binary = several.evaluate(X, BINARY)
    P = several.predict(X)
    assert accuracy == (P.argmax(axis=1) == BINARY.argmax(axis=1)).mean()
    assert binary == pytest.approx(((P > 0.5) == BINARY).mean(), rel=1e-14)
    assert accuracy != binary
    labelled = network(Dense(CLASSES, "softmax"), optimizer="sgd", loss=SCCE, metrics=["acc"])
    assert labelled.evaluate(X, LABELS)[1] == (labelled.predict(X).argmax(axis=1) == LABELS).mean()


def test_the_same_metric_twice_has_a_number_and_a_weighted_one_says_so():
    model = network(Dense(CLASSES, "softmax"))
    model.compile("sgd", "mse", metrics=["acc", "mse", "acc", "acc"], weighted_metrics=["mae", "acc", "acc"])
    assert model.measures.names == ["acc", "mse", "acc_1", "acc_2", "mae", "weighted_acc", "weighted_acc_1"]


@pytest.mark.parametrize("name", ["linear", "relu", "sigmoid", "softmax", "tanh"])
def test_an_activation_has_a_function_of_its_name(kernels, name):
    function = getattr(activations, name)
    assert activations.get(function) == activations.get(name) == activations.get(name.upper()) == name
    applied = network(networks.Activation(name)).predict(X)
    assert np.allclose(applied, function(X), rtol=1e-14)
    assert function([[1, 2], [3, 4]]).dtype == np.float64
    assert function(X.astype(np.float32)).dtype == np.float32


def test_an_initializer_is_a_name_or_a_function():
    assert initializers.get("glorot_uniform") == initializers.get("GlorotUniform") == initializers.GlorotUniform()
    assert initializers.get("zeros") == initializers.Zeros()
    assert initializers.get(np.ones) is np.ones


def test_the_nearest_name_is_offered_or_all_of_them():
    known = {"sgd": 1, "adam": 2, "rmsprop": 3}
    assert choose("optimizer", "Adam", known) == 2
    refused(lambda: choose("optimizer", "rmsprob", known), "There is no optimizer 'rmsprob'. Did you mean 'rmsprop'?")
    refused(
        lambda: choose("optimizer", "ftrl", known), "There is no optimizer 'ftrl'. There are 'sgd', 'adam', 'rmsprop'."
    )
    refused(lambda: choose("optimizer", "", known), "There is no optimizer ''. There are 'sgd', 'adam', 'rmsprop'.")


def test_an_argument_that_does_not_exist_is_refused_with_the_reason_or_the_nearest_one():
    refuse("f", {}, ["epochs"], {})
    refused(lambda: refuse("f", {"steps": 1}, ["epochs"], {"steps": "none here."}), "f has no steps: none here.")
    refused(lambda: refuse("f", {"epoch": 1}, ["epochs"], {}), "argument 'epoch'. Did you mean epochs?", TypeError)
    refused(
        lambda: refuse("f", {"zzz": 1}, ["x", "y"], {}), "f got an unexpected argument 'zzz'. It takes x, y.", TypeError
    )


def test_a_note_is_made_once():
    with pytest.warns(UserWarning, match="a sentence"):
        note_once("tests of note_once", "a sentence")
    note_once("tests of note_once", "a sentence")


# Import lines of scripts for Keras, of any age, with the package's name in place of keras.
IMPORTS = {
    "models": ("Sequential", "load_model"),
    "layers": ("Activation", "Dense", "Dropout", "Input"),
    "optimizers": ("SGD", "RMSprop", "Adam", "LBFGS"),
    "callbacks": ("Callback", "EarlyStopping", "History"),
    "losses": ("MeanSquaredError", "binary_crossentropy"),
    "metrics": ("BinaryAccuracy", "Accuracy"),
    "initializers": ("GlorotUniform",),
    "activations": ("relu", "softmax"),
    "utils": ("set_random_seed",),
}


@pytest.mark.parametrize("module", IMPORTS)
def test_modules_have_keras_s_names(module):
    found = importlib.import_module(f"multilogit.networks.{module}")
    assert getattr(networks, module) is found
    assert set(IMPORTS[module]) <= set(found.__all__)
    for name in set(IMPORTS[module]) & set(networks.__all__):
        assert getattr(networks, name) is getattr(found, name)


def test_the_package_is_found_from_the_top():
    assert multilogit.networks is networks
    assert networks.utils.set_random_seed is networks.set_random_seed


# What Keras has and this package has not; the reason is said.
ONLY_KERAS = {
    "reduction": lambda: losses.MeanSquaredError(reduction="sum"),
    "dtype": lambda: losses.BinaryCrossentropy(dtype="float64"),
    "axis": lambda: losses.CategoricalCrossentropy(axis=1),
    "ignore_class": lambda: losses.SparseCategoricalCrossentropy(ignore_class=2),
    "threshold": lambda: metrics.BinaryAccuracy(threshold=0.3),
}


@pytest.mark.parametrize("argument", ONLY_KERAS)
def test_an_option_that_only_keras_has_is_refused_by_name(argument):
    with pytest.raises((multilogit.InputError, TypeError), match=argument):
        ONLY_KERAS[argument]()


def test_class_numbers_become_one_hot_rows():
    assert networks.utils.to_categorical([[0], [2]]).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert networks.utils.to_categorical([1, 0], num_classes=3).shape == (2, 3)
    for wrong in ([-1, 0], [0.5], [], [[0, 1]]):
        with pytest.raises(InputError):
            networks.utils.to_categorical(wrong)
    with pytest.raises(InputError):
        networks.utils.to_categorical([3], num_classes=3)
