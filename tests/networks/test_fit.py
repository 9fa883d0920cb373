"""The loop of a fit: what is trained on, what is validated on, what is recorded."""

import numpy as np
import pytest
from networks.examples import (
    BINARY,
    CCE,
    CLASSES,
    LABELS,
    MSE,
    ONE_HOT,
    REAL,
    ROWS,
    SCCE,
    SOFT,
    WEIGHT,
    X,
    network,
    same,
    softmax_network,
    unchanged,
)
from numpy.testing import assert_allclose

from multilogit import _kernels, networks
from multilogit.networks import SGD, Adam, Callback, Dense, Dropout, History, RMSprop

OPTIMIZERS = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9),
    "nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: Adam(0.01),
    "amsgrad": lambda: Adam(0.01, amsgrad=True),
    "rmsprop": lambda: RMSprop(0.01),
    "rmsprop-momentum": lambda: RMSprop(0.01, momentum=0.5),
    "rmsprop-centered": lambda: RMSprop(0.01, centered=True),
}
STILL = 1e-300  # a learning rate that moves nothing


class FirstBatches(Callback):
    """Keeps the loss of the first batch of every epoch."""

    def __init__(self):
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        if batch == 0:
            self.losses.append(logs["loss"])


def trained(seed=2, model=None, y=SOFT, **arguments):
    """Return a network after a fit, with the order of the rows drawn from a seed."""
    model = softmax_network() if model is None else model
    networks.set_random_seed(seed)
    model.fit(X, y, **({"batch_size": 6, "epochs": 3} | arguments))
    return model


def test_a_fit_returns_the_history_of_every_epoch(kernels):
    model = softmax_network(metrics=["accuracy"])
    history = model.fit(X, SOFT, epochs=4, batch_size=6, verbose=0)
    assert isinstance(history, History)
    assert history is model.history
    assert (history.epoch, list(history.history)) == ([0, 1, 2, 3], ["accuracy", "loss"])
    assert history.params == {"verbose": 0, "epochs": 4, "steps": 4}
    assert all(len(values) == 4 and {type(v) for v in values} == {float} for values in history.history.values())
    assert history.history["loss"] == sorted(history.history["loss"], reverse=True)


def test_every_fit_has_a_history_of_its_own(kernels):
    model = softmax_network()
    first = model.fit(X, SOFT, epochs=2)
    losses = list(first.history["loss"])
    second = model.fit(X, SOFT, epochs=1)
    assert (first.history["loss"], first.epoch, second.epoch) == (losses, [0, 1], [0])
    assert second.history["loss"][0] < losses[-1]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_second_fit_goes_on_where_the_first_ended(kernels, optimizer):
    one, two = (softmax_network(optimizer=OPTIMIZERS[optimizer]()) for _ in range(2))
    options = {"batch_size": 6, "shuffle": False}
    one.fit(X, SOFT, epochs=5, **options)
    two.fit(X, SOFT, epochs=2, **options)
    assert two.optimizer.iterations == 8
    two.fit(X, SOFT, epochs=3, **options)
    assert two.optimizer.iterations == one.optimizer.iterations == 20
    for ours, theirs in zip(two.get_weights(), one.get_weights(), strict=True):
        assert_allclose(ours, theirs, rtol=1e-12)  # not to the bit: Adam's powers of beta are multiplied on


def test_an_initial_epoch_counts_on_without_adding_epochs(kernels):
    history = softmax_network().fit(X, SOFT, epochs=5, initial_epoch=3)
    assert (history.epoch, len(history.history["loss"])) == ([3, 4], 2)
    assert history.params["epochs"] == 5


@pytest.mark.parametrize(
    "epochs", [{"epochs": 0}, {"epochs": 2, "initial_epoch": 2}, {"epochs": 2, "initial_epoch": 5}]
)
def test_no_epochs_change_nothing(kernels, epochs):
    model = softmax_network()
    with unchanged(model):
        history = model.fit(X, SOFT, **epochs)
    assert (history.history, history.epoch) == ({}, [])


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not(kernels):
    def run(seed):
        model = network(
            Dense(6, "tanh"), Dropout(0.5), Dense(CLASSES, "softmax"), seed=seed, optimizer="adam", loss=CCE
        )
        return model, model.fit(X, SOFT, epochs=5, batch_size=6).history

    (one, losses), (two, again), (three, others) = run(3), run(3), run(4)
    assert same(one.get_weights(), two.get_weights())
    assert losses == again
    assert losses != others
    assert not same(one.get_weights(), three.get_weights())


def test_both_kernels_take_the_rows_in_the_same_order(monkeypatch):
    found = trained(epochs=4).get_weights()
    monkeypatch.setattr(_kernels, "native", None)
    for ours, theirs in zip(found, trained(epochs=4).get_weights(), strict=True):
        assert_allclose(ours, theirs, rtol=1e-11)


def test_rows_come_in_another_order_in_each_epoch_unless_told_otherwise(kernels):
    firsts = {}
    for shuffle in (True, False):
        callback = FirstBatches()
        model = softmax_network(optimizer=SGD(STILL))
        history = model.fit(X, SOFT, batch_size=5, epochs=6, shuffle=shuffle, callbacks=callback)
        assert_allclose(history.history["loss"], model.evaluate(X, SOFT), rtol=1e-13)  # each row once
        firsts[shuffle] = set(callback.losses)
    assert (len(firsts[True]), len(firsts[False])) == (6, 1)


def test_the_order_plays_no_part_where_one_batch_holds_all_rows(kernels):
    assert same(trained(batch_size=ROWS).get_weights(), trained(batch_size=10**6, shuffle=False, seed=9).get_weights())
    assert not same(trained(batch_size=7).get_weights(), trained(batch_size=7, shuffle=False).get_weights())


def test_the_last_batch_of_an_epoch_is_what_is_left(kernels):
    model = trained(batch_size=9, epochs=1, shuffle=False)
    assert model.optimizer.iterations == model.history.params["steps"] == 3
    by_hand = softmax_network()
    for part in (slice(0, 9), slice(9, 18), slice(18, ROWS)):
        by_hand.fit(X[part], SOFT[part], batch_size=9)
    for ours, theirs in zip(model.get_weights(), by_hand.get_weights(), strict=True):
        assert_allclose(ours, theirs, rtol=1e-12)


def test_batches_have_32_rows_unless_told_otherwise(kernels):
    model = network(Dense(1), optimizer="sgd", loss=MSE)
    model.fit(np.ones((70, 3)), np.ones((70, 1)))
    assert model.optimizer.iterations == model.history.params["steps"] == 3


def test_a_step_is_the_learning_rate_times_the_gradient(kernels):
    model = softmax_network(optimizer=SGD(0.25))
    before, slopes = model.get_weights(), model.gradient(X, SOFT, WEIGHT)
    model.fit(X, SOFT, batch_size=ROWS, sample_weight=WEIGHT)
    steps = [each for layer in slopes.values() for each in layer]
    for new, old, step in zip(model.get_weights(), before, steps, strict=True):
        assert_allclose(new, old - 0.25 * step, rtol=1e-12)


def test_the_last_rows_are_validated_on_and_not_trained_on(kernels):
    first = 14  # of 20 rows, 0.3 being kept
    other = np.concatenate([SOFT[:first], SOFT[first:][::-1]])
    split = [trained(y=y, validation_split=0.3, sample_weight=WEIGHT) for y in (SOFT, other)]
    assert same(split[0].get_weights(), split[1].get_weights())
    assert split[0].history.params["steps"] == 3
    for model, y in zip(split, (SOFT, other), strict=True):
        expected = model.evaluate(X[first:], y[first:], sample_weight=WEIGHT[first:])
        assert model.history.history["val_loss"][-1] == pytest.approx(expected, rel=1e-13)
    apart = softmax_network()
    networks.set_random_seed(2)
    held = (X[first:], SOFT[first:], WEIGHT[first:])
    history = apart.fit(
        X[:first], SOFT[:first], batch_size=6, epochs=3, sample_weight=WEIGHT[:first], validation_data=held
    )
    assert same(apart.get_weights(), split[0].get_weights())
    assert history.history == split[0].history.history


def test_validation_data_go_before_a_split_and_change_no_weight(kernels):
    with_data = trained(validation_data=[X[:5], SOFT[:5]], validation_split=0.5)
    assert same(with_data.get_weights(), trained().get_weights())
    assert with_data.history.history["val_loss"][-1] == pytest.approx(with_data.evaluate(X[:5], SOFT[:5]), rel=1e-13)


@pytest.mark.parametrize(("frequency", "epochs"), [(2, [1, 3]), ([1, 4], [0, 3]), ((5,), [4]), (7, [])])
def test_validation_comes_after_every_so_many_epochs_or_after_those_named(kernels, frequency, epochs):
    model = trained(epochs=5, validation_data=(X, SOFT), validation_freq=frequency)
    whole = trained(epochs=5, validation_data=(X, SOFT))
    expected = [whole.history.history["val_loss"][epoch] for epoch in epochs]
    assert model.history.history.get("val_loss", []) == expected
    assert len(model.history.history["loss"]) == 5


CLASS_WEIGHTS = {
    "labels": (LABELS, SCCE, "softmax", LABELS),
    "labels in a column": (LABELS[:, None], SCCE, "softmax", LABELS),
    "one-hot": (ONE_HOT, CCE, "softmax", LABELS),
    "soft": (SOFT, CCE, "softmax", SOFT.argmax(axis=1)),
    "binary": (BINARY[:, 0], "binary_crossentropy", "sigmoid", BINARY[:, 0].astype(int)),
    "binary in a column": (BINARY[:, :1], "binary_crossentropy", "sigmoid", BINARY[:, 0].astype(int)),
}


@pytest.mark.parametrize("targets", CLASS_WEIGHTS)
def test_weights_of_classes_are_weights_of_their_rows(kernels, targets):
    y, loss, last, classes = CLASS_WEIGHTS[targets]
    units = 1 if "binary" in targets else CLASSES
    named = {1: 2.5, 0: 0.5} if units == 1 else {0: 0.5, 2: 2.5}
    weights = np.array([named.get(int(label), 1.0) for label in classes])
    models = []
    for option in ({"class_weight": named}, {"sample_weight": weights}, {"sample_weight": weights[:, None]}):
        model = network(Dense(units, last), optimizer="adam", loss=loss, metrics=["acc"], weighted_metrics=["acc"])
        models.append(trained(model=model, y=y, **option))
    assert all(same(models[0].get_weights(), each.get_weights()) for each in models[1:])
    assert all(models[0].history.history == each.history.history for each in models[1:])
    assert models[0].history.history["acc"] != models[0].history.history["weighted_acc"]


def test_weights_of_classes_do_not_weigh_what_is_validated_on(kernels):
    model = trained(y=ONE_HOT, class_weight={0: 5.0, 1: 0.1}, validation_data=(X, ONE_HOT))
    assert model.history.history["val_loss"][-1] == pytest.approx(model.evaluate(X, ONE_HOT), rel=1e-13)


def test_metrics_count_rows_and_weighted_ones_their_weights(kernels):
    model = softmax_network(optimizer=SGD(STILL), metrics=["mae"], weighted_metrics=["mae", "acc"])
    found = model.fit(X, ONE_HOT, batch_size=7, sample_weight=WEIGHT).history
    P = model.predict(X)
    errors, right = abs(P - ONE_HOT).mean(axis=1), P.argmax(axis=1) == LABELS
    expected = {
        "acc": np.average(right, weights=WEIGHT),
        "loss": model.evaluate(X, ONE_HOT, sample_weight=WEIGHT, return_dict=True)["loss"],
        "mae": errors.mean(),
        "weighted_mae": np.average(errors, weights=WEIGHT),
    }
    assert list(found) == list(expected)
    assert_allclose([values[0] for values in found.values()], list(expected.values()), rtol=1e-13)


def test_metrics_are_measured_against_the_targets_as_they_were_given(kernels):
    """Smoothing belongs to the loss."""
    loss = networks.losses.BinaryCrossentropy(label_smoothing=0.1)
    names = ["binary_accuracy", "mse", "mae", "binary_crossentropy"]
    model = network(Dense(CLASSES, "sigmoid"), optimizer=SGD(STILL), loss=loss, metrics=names)
    plain = network(Dense(CLASSES, "sigmoid"), optimizer=SGD(STILL), loss="bce", metrics=names)
    ours, theirs = (each.evaluate(X, BINARY, return_dict=True) for each in (model, plain))
    recorded = model.fit(X, BINARY, validation_data=(X, BINARY)).history
    for name in names:
        assert ours[name] == pytest.approx(theirs[name], rel=1e-13)
        assert recorded[name][0] == pytest.approx(theirs[name], rel=1e-13)
        assert recorded[f"val_{name}"][0] == pytest.approx(theirs[name], rel=1e-13)
    assert ours["loss"] != pytest.approx(theirs["loss"], rel=1e-3)


def test_an_epoch_s_loss_is_that_of_its_batches_before_their_steps(kernels):
    model = softmax_network(optimizer=SGD(0.5))
    start = model.evaluate(X, SOFT)
    history = model.fit(X, SOFT, batch_size=ROWS, epochs=2)
    assert history.history["loss"][0] == pytest.approx(start, rel=1e-13)
    assert history.history["loss"][1] > model.evaluate(X, SOFT)


@pytest.mark.parametrize("kind", [list, np.float32, int])
def test_rows_and_targets_may_be_of_any_numbers(kernels, kind):
    x, y = np.rint(X), np.rint(REAL)
    given = [each.tolist() if kind is list else each.astype(kind) for each in (x, y)]
    models = [network(Dense(CLASSES), optimizer="sgd", loss=MSE) for _ in range(2)]
    models[0].fit(*given)
    models[1].fit(x, y)
    assert same(models[0].get_weights(), models[1].get_weights())


def test_a_fit_leaves_the_data_alone(kernels):
    arrays = [X.copy(), SOFT.copy(), WEIGHT.copy()]
    for each in arrays:
        each.flags.writeable = False
    softmax_network().fit(arrays[0], arrays[1], sample_weight=arrays[2], epochs=2)
    assert same(arrays, [X, SOFT, WEIGHT])


def test_a_model_that_does_not_know_its_width_learns_it_from_the_data(kernels):
    networks.set_random_seed(1)
    model = networks.Sequential([Dense(CLASSES, "softmax")])
    model.compile("sgd", CCE)
    model.fit(X, SOFT)
    assert model.input_shape == (None, X.shape[1])
    assert model.optimizer.iterations == 1
