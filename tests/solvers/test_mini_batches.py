"""Training by mini-batches: compiled = reference, in pieces = in one go, any threads, what stops it, what goes on."""

from dataclasses import replace

import numpy as np
import pytest
from objective.small_networks import assert_near, examples_of, network_of, theta_of
from solvers.trajectories import KERNELS

from multilogit import _kernels
from multilogit._objective.examples import Examples
from multilogit._objective.network_native import means
from multilogit._solvers.adam import Adam
from multilogit._solvers.mini_batches import ReferenceTraining, Schedule, Stop, begin
from multilogit._solvers.rmsprop import RMSprop
from multilogit._solvers.sgd import SGD

RULES = {
    "descent": (SGD(), 0.2),
    "momentum": (SGD(0.9), 0.02),
    "nesterov": (SGD(0.9, nesterov=True), 0.02),
    "rmsprop": (RMSprop(), 0.002),
    "centred": (RMSprop(momentum=0.5, centered=True, epsilon=1e-3), 0.002),
    "adam": (Adam(), 0.002),
    "amsgrad": (Adam(amsgrad=True), 0.002),
}
MEASURES = (("categorical_accuracy", False), ("categorical_crossentropy", True), ("mean_squared_error", True))
LONG = 1e9  # seconds
needs_native = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")
LEVELS = _kernels.levels()


def schedule_of(*words, ending="softmax", N=50, dtype=np.float64, rule="momentum", labels=False, **choices):
    """Return a schedule of batches of 16, the last of 2 rows, and first parameters."""
    network = network_of(6, *(words or (7, "tanh", 4)), ending=ending)
    examples = examples_of(network, N, dtype, weighted=True, labels=labels)
    kind, rate = RULES[rule]
    arguments = {"batch_size": 16, "shuffle": True, "seed": 5, "measures": MEASURES} | choices
    return Schedule(network=network, examples=examples, rule=kind, rate=rate, **arguments), theta_of(network, dtype)


def begun(kernels, schedule, theta):
    return ReferenceTraining(schedule, theta) if kernels == "reference" else begin(schedule, theta)


def run(kernels, schedule, theta, epochs, n_threads=1):
    training = begun(kernels, schedule, theta)
    assert training.run(epochs, None, LONG, n_threads) is Stop.DONE
    return training


def state(training):
    """Return everything that a training has come to, as bytes."""
    arrays = [training.theta(), *training.slots(), training.history(), np.array(training.means())]
    return [array.tobytes() for array in arrays], training.epochs, training.batches, training.iterations


@needs_native
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", RULES)
def test_the_compiled_training_is_the_reference(rule, dtype):
    """Shuffled, with dropout, weights of zero, metrics and a last batch of two rows."""
    schedule, theta = schedule_of(7, "tanh", 0.3, 9, "sigmoid", 4, rule=rule, dtype=dtype)
    ours, theirs = (run(kernels, schedule, theta, 8) for kernels in ("native", "reference"))
    rounding = 1e-11 if dtype is np.float64 else 2e-4
    assert_near(ours.theta(), theirs.theta(), rounding)
    for slot, expected in zip(ours.slots(), theirs.slots(), strict=True):
        assert_near(slot, expected, 10 * rounding)
    assert np.abs(ours.theta() - theta).max() > 1e-3
    if dtype is np.float64:
        np.testing.assert_allclose(ours.history(), theirs.history(), rtol=1e-11)


@needs_native
@pytest.mark.parametrize(
    "ending", ["squared error", "softmax", "softmax of logits", "logistic", "binary", "categorical"]
)
@pytest.mark.parametrize(
    "words", [(7, "tanh", 4), ("sigmoid", 0.5, 4), (5, "relu", 0.2, "sigmoid", 4), (4, "softmax", 4)]
)
def test_every_ending_trains_as_the_reference(words, ending):
    schedule, theta = schedule_of(*words, ending=ending, measures=(("mean_absolute_error", False),))
    ours, theirs = (run(kernels, schedule, theta, 6) for kernels in ("native", "reference"))
    assert_near(ours.theta(), theirs.theta(), 1e-11)
    np.testing.assert_allclose(ours.history(), theirs.history(), rtol=1e-11)


@KERNELS
@pytest.mark.parametrize(
    "ending", ["squared error", "softmax", "softmax of logits", "logistic", "binary", "categorical"]
)
@pytest.mark.parametrize(
    "words", [(7, "tanh", 4), (7, "tanh", 4, "tanh"), (4, "softmax"), (4, "sigmoid", "tanh"), (4, "relu", 0.2)]
)
@pytest.mark.parametrize("N", [5, 50])
def test_metrics_change_no_bit_of_what_is_trained(kernels, words, ending, N):
    """Also where the last operation takes its derivative from values that the outputs are made from."""
    found = []
    for measures in ((), (("mean_absolute_error", False),)):
        schedule, theta = schedule_of(*words, ending=ending, measures=measures, N=N, rule="adam")
        training = run(kernels, schedule, theta, 3)
        found.append((training.theta().tobytes(), training.history()[:, 0].tolist()))
    assert found[0] == found[1]


@needs_native
@pytest.mark.parametrize("N", [1, 2, 15, 16, 17, 33, 48])
@pytest.mark.parametrize("labels", [False, True])
def test_any_number_of_rows(N, labels):
    """The weights of a pass are those of the rows: a partial batch divides by its own number."""
    schedule, theta = schedule_of(N=N, labels=labels, measures=MEASURES if not labels else MEASURES[:1])
    ours, theirs = (run(kernels, schedule, theta, 5) for kernels in ("native", "reference"))
    assert_near(ours.theta(), theirs.theta(), 1e-12)
    np.testing.assert_allclose(ours.history(), theirs.history(), rtol=1e-12)


@pytest.mark.skipif(not LEVELS, reason="the compiled kernels are not built")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_level_trains_alike(dtype):
    schedule, theta = schedule_of(7, "tanh", 0.3, 4, rule="adam", dtype=dtype)
    before, found = _kernels.native.level(), []
    try:
        for level in LEVELS:
            _kernels.native.select_level(level)
            found.append(run("native", schedule, theta, 5).theta())
    finally:
        _kernels.native.select_level(before)
    for other in found[1:]:
        assert_near(other, found[0], 1e-12 if dtype is np.float64 else 1e-4)


@KERNELS
def test_one_epoch_of_descent_by_hand(kernels):
    """Two batches of two rows and one of one: x w, squared error, in the order of the rows."""
    X, Y, w, seen = (
        np.array([[1.0], [2.0], [3.0], [-1.0], [4.0]]),
        np.array([[1.0], [1.0], [0.0], [2.0], [3.0]]),
        0.5,
        [],
    )
    schedule = Schedule(network_of(1, 1, bias=False), Examples(X, Y), SGD(), 0.01, 2, shuffle=False, seed=0)
    training = run(kernels, schedule, np.array([0.5]), 1)
    for rows in (slice(0, 2), slice(2, 4), slice(4, 5)):
        error = X[rows] * w - Y[rows]
        seen.extend(error**2)
        w -= 0.01 * float((2 * error * X[rows]).mean())
    assert training.theta()[0] == pytest.approx(w, rel=1e-14)
    assert training.means() == pytest.approx([np.mean(seen)], rel=1e-14)
    np.testing.assert_allclose(training.history(), [[np.mean(seen)]], rtol=1e-14)


@KERNELS
@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("rule", ["nesterov", "adam", "centred"])
def test_in_pieces_of_batches_it_comes_to_the_same_bits(kernels, size, rule):
    schedule, theta = schedule_of(7, "tanh", 0.3, 4, rule=rule)
    training, stops = begun(kernels, schedule, theta), []
    while training.epochs < 6:
        stops.append(training.run(6, size, LONG, 1))
    assert state(training) == state(run(kernels, schedule, theta, 6))
    assert stops == [Stop.PAUSED] * (-(-24 // size) - 1) + [Stop.DONE]


@KERNELS
def test_in_pieces_of_seconds_and_of_epochs_it_comes_to_the_same_bits(kernels):
    schedule, theta = schedule_of(7, "tanh", 0.3, 4, rule="adam")
    whole = state(run(kernels, schedule, theta, 100))
    by_seconds = begun(kernels, schedule, theta)
    pauses = 0
    while by_seconds.run(100, None, 1e-9, 1) is Stop.PAUSED:
        pauses += 1
    assert pauses > 0
    assert state(by_seconds) == whole
    by_epochs = begun(kernels, schedule, theta)
    rows = []
    for epoch in range(1, 101):
        assert by_epochs.run(epoch, None, LONG, 1) is Stop.DONE
        rows.append(by_epochs.history())
    assert np.vstack(rows).tobytes() == whole[0][-2]
    assert state(by_epochs)[0][0] == whole[0][0]


@KERNELS
def test_seconds_end_a_long_training(kernels):
    schedule, theta = schedule_of(N=400)
    training = begun(kernels, schedule, theta)
    assert training.run(10**9, None, 0.02, 1) is Stop.PAUSED
    assert 0 < training.iterations < 10**7


@KERNELS
def test_counts_and_history(kernels):
    schedule, theta = schedule_of()
    training = begun(kernels, schedule, theta)
    assert training.history().shape == (0, 4)
    assert training.run(0, None, LONG, 1) is Stop.DONE
    assert training.run(3, 0, LONG, 1) is Stop.PAUSED
    assert (training.epochs, training.batches, training.iterations) == (0, 0, 0)
    assert training.run(3, 6, LONG, 1) is Stop.PAUSED
    assert (training.epochs, training.batches, training.iterations, training.ended) == (1, 2, 6, False)
    assert training.history().shape == (1, 4)
    assert training.run(3, None, LONG, 1) is Stop.DONE
    rows = training.history()
    assert rows.shape == (2, 4)
    np.testing.assert_array_equal(training.means(), rows[-1])
    assert training.history().shape == (0, 4)
    assert training.run(3, None, LONG, 1) is Stop.DONE
    assert training.iterations == 12


@KERNELS
def test_loss_and_metrics_of_an_epoch_are_means_over_rows_at_their_batches(kernels):
    """Where nothing moves they are those of a pass over the rows, with a partial batch counted by its rows."""
    schedule, theta = schedule_of(N=41, rule="descent")
    training = run(kernels, replace(schedule, rate=0.0), theta, 2)
    expected = means(schedule.network, theta, schedule.examples, MEASURES, 1)
    np.testing.assert_allclose(training.history(), [expected] * 2, rtol=1e-13)
    np.testing.assert_array_equal(training.theta(), theta)


@needs_native
@pytest.mark.parametrize("ending", ["softmax", "logistic", "squared error"])
def test_the_same_bits_for_any_number_of_threads(ending):
    """Batches of 300 rows of three layers are more than a million multiply-adds, so that threads are used."""
    schedule, theta = schedule_of(40, "tanh", 0.3, 60, "sigmoid", 4, ending=ending, N=1000, rule="adam", batch_size=300)
    schedule = replace(schedule, measures=MEASURES if ending == "softmax" else MEASURES[2:])
    once = state(run("native", schedule, theta, 3))
    for n_threads in (2, 3):
        assert state(run("native", schedule, theta, 3, n_threads)) == once


@KERNELS
@pytest.mark.parametrize("rule", RULES)
def test_a_training_goes_on_where_an_earlier_one_ended(kernels, rule):
    """Ten epochs are five and five more, from its weights, slots, steps and epochs."""
    schedule, theta = schedule_of(7, "tanh", 0.3, 4, rule=rule)
    first = run(kernels, schedule, theta, 5)
    following = replace(schedule, slots=first.slots(), iterations=first.iterations, first_epoch=5)
    second, whole = run(kernels, following, first.theta(), 5), run(kernels, schedule, theta, 10)
    assert second.iterations == whole.iterations == 40
    assert_near(second.theta(), whole.theta(), 1e-13)
    np.testing.assert_allclose(np.vstack([first.history(), second.history()]), whole.history(), rtol=1e-12)


@KERNELS
def test_slots_and_parameters_that_are_given_are_not_changed(kernels):
    schedule, theta = schedule_of(rule="adam")
    slots = tuple(np.full_like(theta, 0.01) for _ in range(2))
    copies = [each.copy() for each in (theta, *slots)]
    run(kernels, replace(schedule, slots=slots, iterations=3), theta, 2)
    for each, copy in zip((theta, *slots), copies, strict=True):
        np.testing.assert_array_equal(each, copy)


@KERNELS
@pytest.mark.parametrize("change", ["rate", "parameters"])
def test_another_rate_and_other_parameters_count_from_the_next_batch(kernels, change):
    schedule, theta = schedule_of(rule="momentum", batch_size=50)
    training = begun(kernels, schedule, theta)
    training.run(9, 3, LONG, 1)
    slots, rate, start = training.slots(), schedule.rate, training.theta()
    if change == "rate":
        training.set_rate(rate := 0.1)
    else:
        training.load(start := theta * 0.5)
    np.testing.assert_array_equal(training.theta(), start)
    np.testing.assert_array_equal(training.slots(), slots)
    training.run(9, 2, LONG, 1)
    following = begun(kernels, replace(schedule, rate=rate, slots=slots, iterations=3), start)
    following.run(2, None, LONG, 1)
    assert (training.epochs, training.iterations, following.iterations) == (5, 5, 5)
    np.testing.assert_array_equal(training.theta(), following.theta())


@KERNELS
def test_a_seed_and_an_epoch_have_an_order_of_their_own(kernels):
    schedule, theta = schedule_of(rule="descent")
    found = {run(kernels, replace(schedule, seed=seed, first_epoch=epoch), theta, 1).theta().tobytes()
             for seed in (1, 2) for epoch in (0, 1)}  # fmt: skip
    assert len(found) == 4
    unshuffled = [run(kernels, replace(schedule, seed=seed, shuffle=False), theta, 2).theta() for seed in (1, 2)]
    np.testing.assert_array_equal(*unshuffled)


@KERNELS
def test_of_a_single_batch_the_order_plays_no_part(kernels):
    schedule, theta = schedule_of(rule="descent", batch_size=50)
    one = [run(kernels, replace(schedule, seed=seed, shuffle=shuffle, batch_size=size), theta, 3).theta()
           for seed, shuffle, size in [(1, True, 50), (2, True, 50), (2, False, 50), (2, True, 99)]]  # fmt: skip
    for other in one[1:]:
        np.testing.assert_array_equal(other, one[0])
