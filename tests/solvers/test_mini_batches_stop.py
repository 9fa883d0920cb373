"""What stops a training by mini-batches before its end: a loss that is not finite, and an interruption."""

import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from objective.small_networks import network_of, theta_of
from solvers.trajectories import KERNELS, needs_native

from multilogit._objective.examples import Examples
from multilogit._solvers.adam import Adam
from multilogit._solvers.mini_batches import ReferenceTraining, Schedule, Stop, begin
from multilogit._solvers.sgd import SGD

NETWORK = network_of(3, 5, "tanh", 4, "relu", 2)
LONG = 1e9  # seconds


def schedule_of(*, rate=0.1, rule=None, dtype=np.float64, network=NETWORK, batch_size=4, N=14):
    rng = np.random.default_rng(2)
    examples = Examples(rng.normal(size=(N, 3)), rng.normal(size=(N, 2))).astype(dtype)
    return Schedule(network, examples, rule or SGD(0.9), rate, batch_size, shuffle=False, seed=1)


def begun(kernels, schedule, theta):
    return ReferenceTraining(schedule, theta) if kernels == "reference" else begin(schedule, theta)


def assert_unmoved(training, other):
    """Compare with a training that has not seen the bad batch."""
    np.testing.assert_array_equal(training.theta(), other.theta())
    np.testing.assert_array_equal(training.slots(), other.slots())
    assert (training.epochs, training.batches, training.iterations) == (other.epochs, other.batches, other.iterations)
    np.testing.assert_array_equal(training.means(), other.means())


@KERNELS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("what", "bad", "found"), [("X", np.nan, (0, False)), ("Y", np.nan, (-1, False)), ("Y", np.inf, (-1, False))]
)
def test_a_batch_with_a_number_that_is_none_moves_nothing(kernels, what, bad, found, dtype):
    """In row 9, the second of the third batch of an epoch."""
    schedule, theta = schedule_of(dtype=dtype), theta_of(NETWORK, dtype)
    good = begun(kernels, schedule, theta)
    good.run(1, 2, LONG, 1)
    array = getattr(schedule.examples, what).copy()
    array[9, 1] = bad
    training = begun(kernels, replace(schedule, examples=replace(schedule.examples, **{what: array})), theta)
    for _ in range(2):  # it stays where it is, however often it is asked
        assert training.run(5, None, LONG, 1) is Stop.NOT_FINITE
        assert training.first_not_finite() == found
        assert_unmoved(training, good)
        assert training.history().shape == (0, 1)
    assert good.first_not_finite() == (-1, False)


@KERNELS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_rate_so_large_that_weights_overflow(kernels, dtype):
    """The step before did that; the first operation that has such weights is named."""
    largest = float(np.finfo(dtype).max)
    schedule, theta = schedule_of(rate=largest, rule=SGD(), dtype=dtype), theta_of(NETWORK, dtype)
    theta[-12:] *= 100  # of the last layer: derivatives of the layers below are large
    training = begun(kernels, schedule, theta)
    assert training.run(1, None, LONG, 1) is Stop.NOT_FINITE
    assert training.iterations == 1
    assert not np.isfinite(training.theta()[:20]).all()
    assert training.first_not_finite() == (0, True)


@KERNELS
@pytest.mark.parametrize("place", [2, 4])
def test_the_layer_whose_weights_are_none_is_named(kernels, place):
    schedule, theta = schedule_of(), theta_of(NETWORK)
    theta[{2: 25, 4: -2}[place]] = np.inf
    training = begun(kernels, schedule, theta)
    assert training.run(1, None, LONG, 1) is Stop.NOT_FINITE
    assert training.first_not_finite() == (place, True)


@KERNELS
@pytest.mark.parametrize("place", [0, 2, 4])
def test_the_layer_whose_numbers_overflow_is_named(kernels, place):
    """From weights that are finite: products of 1e200 and 1e200."""
    network = network_of(3, 5, "relu", 4, "relu", 2)
    schedule, theta = schedule_of(network=network), theta_of(network)
    schedule.examples.X[...] = np.abs(schedule.examples.X)
    theta[:] = np.abs(theta)
    ends = np.cumsum([0, *network.sizes])
    if place == 0:
        schedule.examples.X[...] *= 1e200
    else:
        theta[ends[place - 2] : ends[place - 1]] *= 1e200
    theta[ends[place] : ends[place + 1]] *= 1e200
    training = begun(kernels, schedule, theta)
    assert training.run(1, None, LONG, 1) is Stop.NOT_FINITE
    assert training.first_not_finite() == (place, False)


@KERNELS
def test_a_loss_that_overflows_by_itself_is_no_layer_s(kernels):
    network = network_of(3, 2)
    schedule, theta = schedule_of(network=network), theta_of(network) * 1e200
    training = begun(kernels, schedule, theta)
    assert training.run(1, None, LONG, 1) is Stop.NOT_FINITE
    assert training.first_not_finite() == (-1, False)
    np.testing.assert_array_equal(training.theta(), theta)


@KERNELS
def test_it_goes_on_from_better_parameters(kernels):
    schedule, theta = schedule_of(rule=Adam()), theta_of(NETWORK)
    training = begun(kernels, schedule, np.full_like(theta, np.nan))
    assert training.run(2, None, LONG, 1) is Stop.NOT_FINITE
    training.load(theta)
    assert training.run(2, None, LONG, 1) is Stop.DONE
    fresh = begun(kernels, schedule, theta)
    fresh.run(2, None, LONG, 1)
    assert_unmoved(training, fresh)


@KERNELS
def test_a_row_without_weight_may_have_any_target(kernels):
    """Its loss is left out, as its derivative is."""
    schedule, theta = schedule_of(N=8), theta_of(NETWORK)
    weight, Y = np.ones(8), schedule.examples.Y.copy()
    weight[3], Y[3] = 0.0, np.inf
    zero = begun(kernels, replace(schedule, examples=replace(schedule.examples, Y=Y, weight=weight)), theta)
    Y[3] = 1.0
    other = begun(kernels, replace(schedule, examples=replace(schedule.examples, Y=Y.copy(), weight=weight)), theta)
    for training in (zero, other):
        assert training.run(3, None, LONG, 1) is Stop.DONE
    np.testing.assert_array_equal(zero.theta(), other.theta())


@needs_native
@pytest.mark.parametrize("rows", [4, 600])
def test_an_interrupted_training_goes_on_to_the_same_bits(rows):
    """Interrupted between batches of a few rows, or of some milliseconds."""
    schedule = schedule_of(network=network_of(3, 5 * (rows // 4), "tanh", 0.2, 2), batch_size=rows, N=rows)
    theta = theta_of(schedule.network)
    training, before = begin(schedule, theta), signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.05, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            training.run(10**9, None, LONG, 2)
    finally:
        timer.join(10)
        signal.signal(signal.SIGINT, before)
    epochs = training.epochs + 2
    assert training.epochs == training.iterations > 0
    assert training.run(epochs, None, LONG, 2) is Stop.DONE
    whole = begin(schedule, theta)
    whole.run(epochs, None, LONG, 1)
    assert training.history().tobytes() == whole.history().tobytes()
    assert_unmoved(training, whole)
