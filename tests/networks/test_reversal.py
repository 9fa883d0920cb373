"""The network of the second article: it reverses the six numbers that it saw, and learnt nothing of the first digit."""

import itertools

import numpy as np
import pytest

from multilogit import networks

ROWS = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 1], [0, 1, 1, 0], [0, 1, 1, 1]])
OTHERS = np.array([row for row in itertools.product([0, 1], repeat=4) if list(row) not in ROWS.tolist()])


class FirstDigit(networks.Callback):
    """Keeps the gradient of the weights from the first digit, now and then."""

    def __init__(self):
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        if epoch % 500 == 0:
            self.seen.append(self.model.gradient(ROWS, ROWS[:, ::-1])["dense"][0])


@pytest.fixture(scope="module", params=[0, 1])
def trained(request):
    networks.set_random_seed(request.param)
    model = networks.Sequential(
        [networks.Input((4,)), networks.Dense(4, activation="sigmoid"), networks.Dense(4, activation="sigmoid")]
    )
    model.compile(optimizer=networks.SGD(0.1), loss="mean_squared_error")
    first, watched = model.layers[0].kernel[0], FirstDigit()
    model.fit(ROWS, ROWS[:, ::-1], epochs=10_000, batch_size=8, callbacks=watched)
    return model, first, np.array(watched.seen)


def test_it_reverses_the_six_numbers_that_it_was_trained_on(trained):
    assert (np.around(trained[0].predict(ROWS)) == ROWS[:, ::-1]).all()


def test_every_number_that_begins_with_1_comes_out_wrong(trained):
    """Its last digit should be 1, which no answer in training ever was; the other two numbers may come out right."""
    answers = np.around(trained[0].predict(OTHERS))
    wrong = (answers != OTHERS[:, ::-1]).any(axis=1)
    assert (answers[:, 3] == 0).all()
    assert len(OTHERS) == 10
    assert wrong[OTHERS[:, 0] == 1].all()
    assert wrong.sum() >= 8


def test_the_gradient_of_what_never_varied_is_exactly_zero_throughout(trained):
    model, first, gradients = trained
    assert len(gradients) == 20
    assert (gradients[:, 0] == 0).all()
    assert (gradients[:, 1:] != 0).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(model.layers[0].kernel[0], first)
