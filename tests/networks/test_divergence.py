"""Training whose loss is not finite any more: it stops, says where and why, and the model is as it was."""

import re

import numpy as np
import pytest
from networks.examples import MSE, REAL, SCCE, SOFT, WEIGHT, X, network, softmax_network, unchanged

from multilogit.errors import DivergenceError, InputError
from multilogit.networks import SGD, Activation, Adam, Callback, Dense, EarlyStopping, RMSprop

ADVICE = "Take a smaller learning rate, scale the columns of x to about one, or take another optimizer, such as Adam."
KEPT = "The model keeps the weights from before this fit."
# What is not finite in a row of data may be found before the first step, or by the loss.
REFUSALS = (DivergenceError, InputError)


class LastEpoch(Callback):
    """Remembers how many epochs were finished."""

    finished = 0

    def on_epoch_end(self, epoch, logs=None):
        self.finished = epoch + 1


def diverged(model, *arguments, **options):
    """Return what is said where a training diverges; the model is then as it was."""
    with unchanged(model), pytest.raises(DivergenceError) as raised:
        model.fit(*arguments, **options)
    return str(raised.value)


def rectified(optimizer=None, dtype="float64"):
    layers = (Dense(8, "relu", name="below"), Dense(4, name="above"))
    return network(*layers, dtype=dtype, optimizer=optimizer or SGD(100.0), loss=MSE)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", [lambda: SGD(100.0), lambda: SGD(10.0, momentum=0.9), lambda: Adam(1e200)])
def test_a_diverging_loss_names_the_epoch_the_layer_and_the_advice(kernels, dtype, optimizer):
    model, last = rectified(optimizer(), dtype), LastEpoch()
    text = diverged(model, X, REAL, epochs=2000, callbacks=last)
    pattern = r"Training stopped in epoch (\d+), batch 1: the loss is not finite; (.+?)\. " + re.escape(
        f"{KEPT} {ADVICE}"
    )
    epoch, who = re.fullmatch(pattern, text).groups()
    assert int(epoch) == last.finished + 1 > 1
    # Weights overflow at a step, or their outputs before; where the loss's squares do, the outputs are finite.
    named = "the (weights|outputs) of the layer '(below|above)' overflowed first"
    assert re.fullmatch(f"{named}|the loss itself overflowed, from outputs that are finite", who)
    assert model.history.epoch == list(range(last.finished))


def test_the_layer_that_is_named_is_the_first_whose_numbers_overflow(kernels):
    model = network(Dense(2, name="fine"), Dense(2, name="large"), Dense(1, name="after"), optimizer="sgd", loss=MSE)
    fine, bias, large, *others = model.get_weights()
    model.set_weights([fine, bias, np.full_like(large, 1e308), *others])
    text = diverged(model, 1000 * X, REAL[:, :1])
    assert "epoch 1, batch 1: the loss is not finite; the outputs of the layer 'large' overflowed first" in text


def test_an_activation_is_not_blamed_for_the_layer_below_it(kernels):
    model = network(Dense(2, name="large"), Activation("relu"), Dense(1), optimizer="sgd", loss=MSE)
    large, *others = model.get_weights()
    model.set_weights([np.full_like(large, 1e308), *others])
    assert "of the layer 'large' overflowed first" in diverged(model, 10 * abs(X), REAL[:, :1])


def test_a_step_that_overflows_weights_is_told_by_their_layer(kernels):
    model = rectified(SGD(1e300), "float32")
    text = diverged(model, X, REAL, epochs=2, batch_size=20)
    assert "epoch 2, batch 1: the loss is not finite; the weights of the layer 'below' overflowed first" in text


def test_the_last_step_is_looked_at_too(kernels):
    """Nobody computes a loss after it."""
    text = diverged(rectified(SGD(1e300), "float32"), X, REAL, batch_size=20)
    assert "stopped with its last step: the weights are not finite; the weights of the layer 'below' overflowed" in text


def test_the_epoch_is_counted_from_the_initial_one(kernels):
    numbers = [
        int(re.search(r"epoch (\d+)", diverged(rectified(), X, REAL, epochs=60, initial_epoch=initial))[1])
        for initial in (0, 40)
    ]
    assert numbers[1] == numbers[0] + 40


def test_the_batch_is_the_one_whose_loss_is_not_finite(kernels):
    text = diverged(rectified(SGD(1e300)), X, REAL, batch_size=8, shuffle=False)
    assert "epoch 1, batch 2:" in text


def test_a_loss_that_overflows_by_itself_is_told_apart(kernels):
    model = network(Dense(4, "softmax"), optimizer=SGD(1e5), loss="binary_crossentropy")  # not fused: p reaches 1
    text = diverged(model, X, (REAL > 0).astype(float), epochs=50)
    assert "the loss itself overflowed, from outputs that are finite" in text


def test_a_fit_after_a_divergence_begins_with_the_weights_from_before(kernels):
    model, plain = rectified(), rectified(SGD(0.01))
    diverged(model, X, REAL, epochs=100)
    model.optimizer.learning_rate = 0.01
    assert model.fit(X, REAL, batch_size=20).history == plain.fit(X, REAL, batch_size=20).history


def test_a_divergence_leaves_what_the_optimizer_remembers(kernels):
    model = rectified(Adam(0.01))
    model.fit(X, REAL, epochs=3)
    model.optimizer.learning_rate = 1e300
    diverged(model, X, REAL, epochs=50)
    model.optimizer.learning_rate = 0.01
    assert model.optimizer.iterations == 3


def test_the_best_weights_do_not_come_back_from_a_divergence(kernels):
    model = rectified()
    diverged(model, X, REAL, epochs=100, callbacks=EarlyStopping("loss", patience=99, restore_best_weights=True))


def spoilt(array, row, column, value):
    array = array.astype(float)
    array[(row, column) if array.ndim == 2 else row] = value
    return array


SPOILT = {
    "x": (lambda value: (spoilt(X, 4, 1, value), SOFT), "x has {} in row 4, column 1"),
    "y": (lambda value: (X, spoilt(SOFT, 6, 2, value)), "y has {} in row 6, column 2"),
}


@pytest.mark.parametrize("where", SPOILT)
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("hidden", ["linear", "relu", "sigmoid", "softmax", "tanh"])
def test_numbers_that_are_not_finite_are_told_by_row_and_column(kernels, where, value, hidden):
    make, sentence = SPOILT[where]
    model = network(Dense(4, hidden), Dense(4, "softmax"), optimizer="sgd", loss="categorical_crossentropy")
    x, y = make(value)
    with unchanged(model), pytest.raises(REFUSALS, match=sentence.format(value)) as raised:
        model.fit(x, y, epochs=2)
    assert "Remove such rows, or fill the numbers in." in str(raised.value)


def test_a_number_that_is_too_large_for_float32_is_told_too(kernels):
    model = network(Dense(4, "softmax"), dtype="float32", optimizer="sgd", loss=SCCE)
    with unchanged(model), pytest.raises(REFUSALS, match="x has inf in row 4, column 1"):
        model.fit(spoilt(X, 4, 1, 1e300), np.arange(20) % 4)


def test_a_row_that_is_not_finite_cannot_hide_behind_a_weight_of_zero(kernels):
    model = softmax_network()
    with unchanged(model), pytest.raises(REFUSALS, match="x has nan in row 4, column 1"):
        model.fit(spoilt(X, 4, 1, np.nan), SOFT, sample_weight=spoilt(WEIGHT, 4, 0, 0.0), batch_size=20)


def test_validation_data_that_are_not_finite_are_refused(kernels):
    model = softmax_network()
    with unchanged(model), pytest.raises(REFUSALS, match="x has nan in row 4, column 1"):
        model.fit(X, SOFT, validation_data=(spoilt(X, 4, 1, np.nan), SOFT))


def test_a_validation_that_overflows_stops_a_fit_as_well(kernels):
    model = network(Dense(4, kernel_initializer=np.ones), optimizer=SGD(1e-300), loss=MSE, metrics=["mse", "mae"])
    text = diverged(model, X, REAL, validation_data=(1e200 * X, REAL))
    assert "epoch 1: the loss of the validation data is not finite" in text


@pytest.mark.parametrize("hidden", ["linear", "relu", "tanh"])
def test_what_is_not_finite_is_not_predicted_or_scored(kernels, hidden):
    model = network(Dense(4, hidden), Dense(4), optimizer="sgd", loss=MSE)
    x = spoilt(X, 4, 1, np.nan)
    with pytest.raises(InputError, match="A prediction would not be finite: x has nan in row 4, column 1"):
        model.predict(x)
    with pytest.raises(InputError, match="The loss would not be finite: x has nan in row 4, column 1"):
        model.evaluate(x, REAL)


def test_outputs_that_overflow_from_rows_that_are_fine_say_so(kernels):
    model = network(Dense(4, kernel_initializer=np.ones), optimizer="sgd", loss=MSE)
    with pytest.raises(InputError, match="the numbers of x are too large for this network"):
        model.predict(np.full((1, 3), 1e308))


@pytest.mark.parametrize("optimizer", [SGD, RMSprop, Adam])
def test_weights_of_rows_that_are_all_zero_move_nothing_and_are_no_divergence(kernels, optimizer):
    model = softmax_network(optimizer=optimizer())
    before = model.get_weights()
    history = model.fit(X, SOFT, sample_weight=np.zeros(20), epochs=2)
    assert history.history["loss"] == [0.0, 0.0]
    assert all((new == old).all() for new, old in zip(model.get_weights(), before, strict=True))
