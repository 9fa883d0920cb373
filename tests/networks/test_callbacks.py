"""Callbacks: when they are told what, what they may change, and when they end a fit."""

import math

import numpy as np
import pytest
from networks.examples import (
    CCE,
    LABELS,
    ONE_HOT,
    SCCE,
    SOFT,
    X,
    network,
    refused,
    same,
    softmax_network,
    state,
    unchanged,
)
from numpy.testing import assert_allclose, assert_array_equal

from multilogit.networks import LBFGS, SGD, Callback, Dense, EarlyStopping


class Diary(Callback):
    """Writes down whatever it is told."""

    def __init__(self):
        self.events, self.logs = [], {}

    def _note(self, event, number, logs):
        self.events.append((event, number))
        self.logs[event, number, len(self.events)] = dict(logs or {})

    def on_train_begin(self, logs=None):
        self._note("train begin", None, logs)

    def on_train_end(self, logs=None):
        self._note("train end", None, logs)

    def on_epoch_begin(self, epoch, logs=None):
        self._note("epoch begin", epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self._note("epoch end", epoch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        self._note("batch begin", batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        self._note("batch end", batch, logs)

    def of(self, event):
        return [logs for (name, _, _), logs in self.logs.items() if name == event]


class AtEpochEnd(Callback):
    """Does something to the model after an epoch."""

    def __init__(self, act):
        self.act = act

    def on_epoch_end(self, epoch, logs=None):
        self.act(self.model, epoch)


class AfterBatch(AtEpochEnd):
    def on_epoch_end(self, epoch, logs=None):
        pass

    def on_train_batch_end(self, batch, logs=None):
        self.act(self.model, batch)


def after_epoch(epoch, act):
    """Return a callback that acts after one epoch."""
    return AtEpochEnd(lambda model, number: act(model) if number == epoch else None)


def test_callbacks_are_told_in_order(kernels):
    diary = Diary()
    softmax_network().fit(X, SOFT, epochs=4, initial_epoch=2, batch_size=12, callbacks=diary)
    batches = [("batch begin", 0), ("batch end", 0), ("batch begin", 1), ("batch end", 1)]
    epochs = [[("epoch begin", epoch), *batches, ("epoch end", epoch)] for epoch in (2, 3)]
    assert diary.events == [("train begin", None), *epochs[0], *epochs[1], ("train end", None)]
    assert diary.params["steps"] == 2
    assert diary.params["epochs"] == 4


def test_callbacks_are_told_what_the_history_then_holds(kernels):
    diary, model = Diary(), softmax_network(metrics=["accuracy"])
    history = model.fit(X, ONE_HOT, epochs=3, batch_size=12, validation_data=(X, ONE_HOT), callbacks=[diary])
    for name, values in history.history.items():
        assert [logs[name] for logs in diary.of("epoch end")] == values
        assert diary.of("train end")[0][name] == values[-1]
    last_batches = diary.of("batch end")[1::2]
    assert [logs["accuracy"] for logs in last_batches] == history.history["accuracy"]
    assert diary.of("epoch begin") == [{}] * 3


def test_a_batch_tells_the_means_of_its_epoch_so_far(kernels):
    diary, model = Diary(), softmax_network(optimizer=SGD(1e-300))
    model.fit(X, SOFT, batch_size=8, shuffle=False, callbacks=diary)
    means = [model.evaluate(X[:end], SOFT[:end]) for end in (8, 16, 20)]
    assert_allclose([logs["loss"] for logs in diary.of("batch end")], means, rtol=1e-13)


def test_being_asked_changes_no_bit(kernels):
    models = [softmax_network(optimizer="adam", seed=3) for _ in range(3)]
    callbacks = [None, Diary(), AtEpochEnd(lambda model, _: model.get_weights())]
    losses = [
        model.fit(X, SOFT, epochs=4, batch_size=6, callbacks=callback).history
        for model, callback in zip(models, callbacks, strict=True)
    ]
    assert losses[0] != losses[1]  # three fits draw three orders from the one seed
    again = [softmax_network(optimizer="adam", seed=3) for _ in range(3)]
    for model, callback in zip(again, callbacks, strict=True):
        model.fit(X, SOFT, epochs=4, batch_size=6, shuffle=False, callbacks=callback)
    assert same(again[0].get_weights(), again[1].get_weights())
    assert same(again[0].get_weights(), again[2].get_weights())
    assert again[0].history.history == again[1].history.history == again[2].history.history


def test_a_callback_sees_the_weights_of_its_moment(kernels):
    seen = []
    model = softmax_network()
    look = AfterBatch(lambda model, _: seen.append(model.evaluate(X, SOFT)))
    history = model.fit(X, SOFT, epochs=3, batch_size=20, callbacks=look)
    assert_allclose(seen[:-1], history.history["loss"][1:], rtol=1e-13)
    assert seen[-1] == model.evaluate(X, SOFT)


def test_a_learning_rate_that_a_callback_sets_takes_effect(kernels):
    stilled = softmax_network()
    stop_moving = after_epoch(1, lambda model: setattr(model.optimizer, "learning_rate", 1e-300))
    history = stilled.fit(X, SOFT, epochs=5, batch_size=20, callbacks=stop_moving)
    plain = softmax_network()
    plain.fit(X, SOFT, epochs=2, batch_size=20)
    assert same(stilled.get_weights(), plain.get_weights())
    assert len(set(history.history["loss"])) == 3
    assert stilled.optimizer.learning_rate == 1e-300


def test_a_learning_rate_may_change_after_a_batch_and_between_fits(kernels):
    one, two = softmax_network(optimizer=SGD(0.1)), softmax_network(optimizer=SGD(0.1))
    change = AfterBatch(lambda model, batch: setattr(model.optimizer, "learning_rate", 0.5))
    options = {"batch_size": 10, "shuffle": False}
    one.fit(X, SOFT, callbacks=change, **options)
    two.fit(X[:10], SOFT[:10], **options)
    two.optimizer.learning_rate = 0.5
    two.fit(X[10:], SOFT[10:], **options)
    for ours, theirs in zip(one.get_weights(), two.get_weights(), strict=True):
        assert_allclose(ours, theirs, rtol=1e-13)


def test_weights_that_a_callback_sets_are_trained_on(kernels):
    fresh = softmax_network(seed=7)
    start = fresh.get_weights()
    history = softmax_network().fit(
        X, SOFT, epochs=4, batch_size=20, callbacks=after_epoch(1, lambda model: model.set_weights(start))
    )
    expected = fresh.fit(X, SOFT, epochs=2, batch_size=20)
    assert_allclose(history.history["loss"][2:], expected.history["loss"], rtol=1e-13)


@pytest.mark.parametrize("epoch", [0, 2])
def test_weights_that_a_callback_sets_last_are_the_model_s(kernels, epoch):
    model = softmax_network()
    zeros = [0 * each for each in model.get_weights()]
    set_zeros = after_epoch(epoch, lambda model: model.set_weights(zeros))
    model.fit(X, SOFT, epochs=3, callbacks=set_zeros)
    assert same(model.get_weights(), zeros) == (epoch == 2)


def test_a_callback_ends_a_fit_after_its_epoch(kernels):
    model = softmax_network()
    stop = AfterBatch(lambda model, batch: setattr(model, "stop_training", True))
    assert model.fit(X, SOFT, epochs=9, batch_size=7, callbacks=stop).epoch == [0]
    assert model.optimizer.iterations == 3
    assert model.fit(X, SOFT, epochs=2).epoch == [0, 1]  # a new fit is not stopped


class StoppedError(Exception):
    pass


def raise_(_):
    raise StoppedError


@pytest.mark.parametrize("asked", ["an epoch", "a batch"])
def test_what_a_callback_raises_leaves_a_consistent_model(kernels, asked):
    model, plain = softmax_network(optimizer="adam"), softmax_network(optimizer="adam")
    if asked == "an epoch":
        callback, done = after_epoch(2, raise_), {"epochs": 3}
    else:
        callback, done = AfterBatch(lambda model, batch: raise_(model) if batch == 1 else None), {"epochs": 1}
    options = {"batch_size": 10, "shuffle": False}
    with pytest.raises(StoppedError):
        model.fit(X, SOFT, epochs=9, callbacks=callback, **options)
    plain.fit(X, SOFT, **done, **options)
    assert state(model) == state(plain)
    assert model.history.history == plain.history.history  # the epochs that were finished
    assert model.history.epoch == plain.history.epoch
    assert model.fit(X, SOFT).epoch == [0]


def test_a_callback_may_look_at_the_model_while_it_trains(kernels):
    found = []
    look = AtEpochEnd(lambda model, _: found.append((model.predict(X).shape, model.optimizer.learning_rate)))
    softmax_network().fit(X, SOFT, epochs=2, callbacks=look)
    assert found == [((20, 4), 0.1)] * 2


@pytest.mark.parametrize("given", [None, [], (), [Diary()], (Diary(),), Diary()])
def test_callbacks_are_one_or_several(kernels, given):
    assert softmax_network().fit(X, SOFT, callbacks=given).epoch == [0]


class Feigned:
    """What early stopping asks of a model; its weights are the number of the epoch."""

    def __init__(self):
        self.stop_training, self.weights = False, 0

    def larger_is_better(self, name):
        return name.endswith("accuracy")

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def stopped(values, monitor="val_loss", **options):
    """Return after how many epochs of such values a fit ends, its callback and its model."""
    callback, model = EarlyStopping(monitor=monitor, **options), Feigned()
    callback.set_model(model)
    callback.set_params({})
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch + 1, callback, model


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([3, 2, 2, 1], {}, 3),  # patience 0 and 1 are the same
        ([3, 2, 2, 1], {"patience": 1}, 3),
        ([3, 2, 2, 1], {"patience": 2}, 4),
        ([3, 2, 2, 2, 1], {"patience": 2}, 4),
        ([2, 2], {}, 2),  # the first epoch never ends a fit, and what is equal is no better
        ([3, 2.9, 2.7, 0], {"min_delta": 0.2}, 2),
        ([3, 2.9, 2.7, 0], {"min_delta": -0.2}, 2),
        ([3, 2.9, 2.7, 0, 0], {"min_delta": 0.2, "patience": 2}, 5),
        ([1, 2, 3, 2, 5], {"mode": "max"}, 4),
        ([1, 2, 3, 2, 5], {"mode": "min"}, 2),
        ([1, 2, 3, 2, 5], {"monitor": "val_accuracy"}, 4),
        ([5, 4, 3, 2], {"baseline": 1.0, "patience": 1}, 4),  # it gets better all the time
        ([5, 4, 4, 2], {"baseline": 1.0, "patience": 3}, 3),
        ([5, 6, 7, 6, 8, 8], {"start_from_epoch": 2, "patience": 2}, 6),
        ([math.nan, 3, 2], {}, 2),  # nothing is better than what is no number
        ([2, math.nan, 1], {}, 2),
    ],
)
def test_a_fit_ends_where_keras_s_does(values, options, epochs):
    assert stopped(values, **options)[0] == epochs


def test_the_best_weights_come_back_whether_it_was_stopped_or_not():
    for values in ([3, 1, 2, 2], [3, 1, 2]):
        epochs, callback, model = stopped(values, patience=2, restore_best_weights=True)
        assert (epochs, model.weights, callback.best, callback.best_epoch) == (len(values), 1, 1, 1)
        assert callback.stopped_epoch == (3 if len(values) == 4 else 0)
    assert stopped([3, 1, 2, 2], patience=2)[2].weights == 3


def test_early_stopping_says_when_it_stopped_only_where_asked(capsys):
    stopped([3, 1, 2, 2], patience=2, restore_best_weights=True)
    assert capsys.readouterr().out == ""
    stopped([3, 1, 2, 2], patience=2, restore_best_weights=True, verbose=1)
    expected = "Epoch 4: early stopping\nRestoring model weights from the end of the best epoch: 2.\n"
    assert capsys.readouterr().out == expected
    stopped([3, 1], verbose=1)
    assert capsys.readouterr().out == ""


def test_the_best_weights_of_a_fit_are_those_of_its_best_epoch(kernels):
    model = network(Dense(4, "softmax"), optimizer=SGD(8.0), loss=SCCE, metrics=["accuracy"])
    seen = []
    options = {"batch_size": 4, "shuffle": False, "validation_split": 0.3}
    watch = [
        AtEpochEnd(lambda model, _: seen.append(model.get_weights())),
        EarlyStopping(monitor="val_accuracy", patience=4, restore_best_weights=True),
    ]
    history = model.fit(X, LABELS, epochs=40, callbacks=watch, **options)
    best = int(np.argmax(history.history["val_accuracy"]))
    assert len(history.epoch) == best + 5 < 40
    assert same(model.get_weights(), seen[best])
    assert watch[1].best == history.history["val_accuracy"][best]


def test_early_stopping_may_be_used_again(kernels):
    callback = EarlyStopping(monitor="loss", min_delta=10.0)
    for _ in range(2):
        assert softmax_network().fit(X, SOFT, epochs=9, callbacks=callback).epoch == [0, 1]


def test_epochs_without_validation_are_passed_over(kernels):
    callback = EarlyStopping(min_delta=10.0, patience=1)
    model = softmax_network()
    history = model.fit(X, SOFT, epochs=20, validation_data=(X, SOFT), validation_freq=3, callbacks=callback)
    assert history.epoch == [0, 1, 2, 3, 4, 5]


def test_the_norm_of_the_gradient_may_be_monitored(kernels):
    callback = EarlyStopping(monitor="gradient_norm", min_delta=1e9)
    model = softmax_network(optimizer=LBFGS(tolerance=1e-12))
    assert model.fit(X, SOFT, epochs=9, callbacks=callback).epoch == [0, 1]


@pytest.mark.parametrize("monitor", ["val_loss", "accuracy", "val_accuracy", "zzz"])
def test_a_name_that_the_fit_has_not_is_refused_before_anything_changes(kernels, monitor):
    model, callback = softmax_network(), EarlyStopping(monitor=monitor)
    with unchanged(model):
        refused(lambda: model.fit(X, SOFT, epochs=3, callbacks=callback), f"EarlyStopping monitors '{monitor}', which")


def test_an_unknown_mode_is_refused():
    refused(lambda: EarlyStopping(mode="least"), "mode must be 'auto', 'min' or 'max'. Got 'least'.")


@pytest.mark.parametrize("given", [[None], [print], "early", [EarlyStopping], 3])
def test_what_is_no_callback_is_refused(given):
    sentence = "A callback is an object of a class that extends networks.Callback. Got"
    refused(lambda: softmax_network().fit(X, SOFT, callbacks=given), sentence)


def test_a_loss_is_better_where_it_is_smaller_and_an_accuracy_where_it_is_larger(kernels):
    model = network(Dense(4, "softmax"), optimizer="sgd", loss=CCE, metrics=["acc", "mse"], weighted_metrics=["acc"])
    better = {
        name: model.larger_is_better(name) for name in ("loss", "val_loss", "acc", "val_acc", "weighted_acc", "mse")
    }
    assert better == {
        "loss": False,
        "val_loss": False,
        "acc": True,
        "val_acc": True,
        "weighted_acc": True,
        "mse": False,
    }
    assert_array_equal([model.larger_is_better("val_weighted_acc"), model.larger_is_better("val_mse")], [True, False])
