"""What a newcomer does wrong with a model: a sentence that says what was expected, what came and what to do."""

import pytest
from networks.examples import (
    BCE,
    CCE,
    CLASSES,
    MSE,
    REAL,
    SCCE,
    SOFT,
    WEIGHT,
    X,
    network,
    refused,
    same,
    softmax_network,
    state,
)

from multilogit import networks
from multilogit.networks import Activation, Dense, Sequential, losses


def test_what_is_said_of_arguments_that_do_not_exist():
    model = softmax_network()
    for call, sentence in (
        (lambda: model.fit(X, SOFT, epoch=3), "fit got an unexpected argument 'epoch'. Did you mean epochs?"),
        (lambda: model.fit(X, SOFT, workers=3), "fit got an unexpected argument 'workers'. It takes x, y, batch_size,"),
        (lambda: model.evaluate(X, SOFT, sample_weights=WEIGHT), "Did you mean sample_weight?"),
        (lambda: model.predict(X, zzz=1), "predict got an unexpected argument 'zzz'. It takes x, batch_size, verbose."),
        (lambda: model.compile("sgd", MSE, metric=["acc"]), "Did you mean metrics?"),
        (lambda: model.summary(styles="article"), "Did you mean style?"),
    ):
        refused(call, sentence, TypeError)
    for call, sentence in (
        (lambda: model.compile("sgd", MSE, jit_compile=True), "compile has no jit_compile: epochs always run in the"),
        (
            lambda: model.compile("sgd", MSE, loss_weights=[1]),
            "compile has no loss_weights: there is one loss; weigh rows",
        ),
        (lambda: model.evaluate(X, SOFT, steps=3), "evaluate has no steps: rows are arrays in memory"),
        (lambda: model.evaluate(X, SOFT, callbacks=[]), "evaluate has no callbacks: callbacks belong to fit."),
        (lambda: model.predict(X, callbacks=[]), "predict has no callbacks: callbacks belong to fit."),
    ):
        refused(call, sentence)


def test_what_is_compiled_first_is_said():
    model = network(Dense(2))
    refused(lambda: model.fit(X, REAL[:, :2]), "Call compile before fit, with an optimizer and a loss: model.compile(")
    refused(lambda: model.evaluate(X, REAL[:, :2]), "Call compile before evaluate, with an optimizer and a loss")
    refused(lambda: model.gradient(X, REAL[:, :2]), "gradient needs a loss: model.compile(")
    refused(lambda: model.gradient_check(X, REAL[:, :2]), "gradient_check needs a loss")
    model.compile("sgd")
    refused(lambda: model.fit(X, REAL[:, :2]), "fit needs a loss: model.compile(")
    assert model.predict(X).shape == (20, 2)


SUITED = {
    "no probabilities": ("relu", BCE, "binary_crossentropy takes probabilities, and the last activation is relu"),
    "what to do": ("relu", BCE, "or, where it ends in logits, pass loss=losses.BinaryCrossentropy(from_logits=True)."),
    "logits as probabilities": (
        "linear",
        CCE,
        "End the network with Activation('softmax'), or, where it ends in logits",
    ),
    "hyperbolic": ("tanh", SCCE, "takes probabilities, and the last activation is tanh"),
    "probabilities as logits": (
        "softmax",
        losses.CategoricalCrossentropy(from_logits=True),
        "with from_logits=True takes logits, and the last activation is softmax",
    ),
    "sigmoid logits": (
        "sigmoid",
        losses.BinaryCrossentropy(from_logits=True),
        "Leave out from_logits=True, or the activation.",
    ),
}


@pytest.mark.parametrize("mistake", SUITED)
def test_a_loss_that_does_not_suit_the_last_activation_is_refused(mistake):
    last, loss, sentence = SUITED[mistake]
    model = network(Dense(CLASSES), Activation(last))
    refused(lambda: model.compile("sgd", loss), sentence)
    assert model.optimizer is None
    late = Sequential([Dense(CLASSES, last)])
    late.compile("sgd", loss)  # whose width is not known yet
    refused(lambda: late.fit(X, SOFT), sentence)


def test_metrics_are_a_list_of_what_there_is():
    model = network(Dense(CLASSES, "softmax"))
    for metrics, sentence in (
        ("accuracy", "metrics must be a list, such as ['accuracy']. Got 'accuracy'."),
        (["acuracy"], "There is no metric 'acuracy'. Did you mean 'accuracy'?"),
        ([len], "A metric is a name or an object of multilogit.networks.metrics. Got <built-in function len>."),
        ({"a": "accuracy"}, "metrics must be a list"),
    ):
        refused(lambda metrics=metrics: model.compile("sgd", CCE, metrics=metrics), sentence)
    refused(lambda: model.compile("sgd", CCE, weighted_metrics="acc"), "weighted_metrics must be a list")
    model.compile("sgd", CCE, metrics=["sparse_categorical_accuracy"])
    refused(lambda: model.fit(X, SOFT), "The metric 'sparse_categorical_accuracy' takes class numbers")
    refused(lambda: model.fit(X, SOFT), "Name 'categorical_accuracy', or the loss sparse_categorical_crossentropy.")


@pytest.mark.parametrize("loss", [["mse"], {"out": "mse"}, ("mse",), 3, len, lambda y, p: 0.0])
def test_a_loss_is_a_name_or_one_of_ours(loss):
    refused(lambda: network(Dense(2)).compile("sgd", loss), "A loss is a name ('mean_squared_error'")


def test_a_network_without_weights_cannot_be_trained():
    model = network(Activation("tanh"), optimizer="sgd", loss=MSE)
    refused(lambda: model.fit(X, X), "The model has no weights to train. Add a Dense layer.")


def test_a_network_without_layers_cannot_be_used(kernels):
    for model in (Sequential(), network()):
        refused(lambda model=model: model.predict(X), "layer")


def test_what_two_networks_are_is_apart():
    one, two = softmax_network(seed=1), softmax_network(seed=2)
    before = state(two)
    one.fit(X, SOFT, epochs=2)
    assert state(two) == before
    assert not same(one.get_weights(), two.get_weights())


@pytest.mark.parametrize("seed", [-1, 1.5, "1", None, True])
def test_a_seed_is_a_whole_number(seed):
    refused(lambda: networks.set_random_seed(seed), f"seed must be a whole number, 0 or more. Got {seed!r}.")


@pytest.mark.parametrize(
    ("layer", "loss", "sentence"),
    [
        (Dense(1, "softmax"), "bce", "The softmax of one number is always 1, and the network has one output."),
        (Dense(1, "softmax"), MSE, "The softmax of one number is always 1"),
        (Dense(1, "sigmoid"), "categorical_crossentropy", "categorical_crossentropy compares classes"),
        (Dense(1, "sigmoid"), "sparse_categorical_crossentropy", "For two classes take one unit with sigmoid"),
    ],
)
def test_one_output_is_no_choice_among_classes(layer, loss, sentence):
    refused(lambda: network(layer).compile("sgd", loss), sentence)


@pytest.mark.parametrize("name", ["cross_entropy", "crossentropy", "ce"])
def test_a_cross_entropy_without_its_kind_is_answered_with_all_three(name):
    refused(lambda: network(Dense(2)).compile("sgd", name), "'sparse_categorical_crossentropy' for class numbers")


@pytest.mark.parametrize("metric", ["mse", "binary_accuracy", "categorical_accuracy"])
def test_class_numbers_have_metrics_of_their_own(metric):
    model = network(Dense(3, "softmax"))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metric])
    labels = [row % 3 for row in range(len(X))]
    refused(lambda: model.fit(X, labels), "takes rows of targets, and the loss takes class numbers.")
