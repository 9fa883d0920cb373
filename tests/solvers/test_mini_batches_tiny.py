"""Tiny networks whose one batch holds every row: the steps of native/tiny.hpp are those of the reference."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.small_networks import assert_near, examples_of, network_of, theta_of

from multilogit import _kernels
from multilogit._objective.examples import Examples
from multilogit._solvers.adam import Adam
from multilogit._solvers.mini_batches import ReferenceTraining, Schedule, Stop, begin
from multilogit._solvers.rmsprop import RMSprop
from multilogit._solvers.sgd import SGD

pytestmark = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")

LEVELS = _kernels.levels()
LONG = 1e9  # seconds
RULES = {
    "descent": (SGD(), 0.2),
    "momentum": (SGD(0.9), 0.02),
    "nesterov": (SGD(0.9, nesterov=True), 0.02),
    "rmsprop": (RMSprop(), 0.002),
    "centred": (RMSprop(momentum=0.5, centered=True, epsilon=1e-3), 0.002),
    "adam": (Adam(), 0.002),
    "amsgrad": (Adam(amsgrad=True), 0.002),
}
MEASURES = ("mean_absolute_error", False), ("mean_squared_error", True), ("binary_accuracy", False)
ROUNDING = {np.float64: 1e-11, np.float32: 2e-4}
ARTICLE = network_of(2, 2, "sigmoid", 1, "sigmoid")
XOR = Examples(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]]))


@pytest.fixture(params=LEVELS)
def level(request):
    """Run the kernels of one level: how many rows are a vector depends on it."""
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield request.param
    _kernels.native.select_level(before)


def schedule_of(network, N, dtype=np.float64, rule="descent", measures=(), **choices):
    examples = choices.pop("examples", None) or examples_of(network, N, dtype, **choices)
    kind, rate = RULES[rule]
    return Schedule(network, examples, kind, rate, batch_size=N, shuffle=True, seed=1, measures=measures)


def assert_trains_alike(network, schedule, epochs=12):
    theta = theta_of(network, schedule.examples.X.dtype)
    ours, theirs = begin(schedule, theta), ReferenceTraining(schedule, theta)
    for training in (ours, theirs):
        assert training.run(epochs, None, LONG, 1) is Stop.DONE
    rounding = ROUNDING[theta.dtype.type]
    assert_near(ours.theta(), theirs.theta(), rounding)
    for slot, expected in zip(ours.slots(), theirs.slots(), strict=True):
        assert_near(slot, expected, 10 * rounding)
    assert_near(ours.means(), theirs.means(), 10 * rounding)
    np.testing.assert_allclose(ours.history(), theirs.history(), rtol=10 * rounding, atol=10 * rounding)
    assert ours.iterations == theirs.iterations


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("measures", [(), MEASURES], ids=["loss alone", "metrics"])
@pytest.mark.parametrize("rule", RULES)
def test_every_rule(level, rule, measures, dtype):
    network = network_of(3, 5, "tanh", 4, "sigmoid", 2)
    for N in (1, 3, 4, 7):
        assert_trains_alike(network, schedule_of(network, N, dtype, rule, measures, weighted=N > 3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("ending", ["squared error", "logistic", "logistic of logits", "binary"])
@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "softmax"])
def test_every_activation_and_loss(name, ending, bias, dtype):
    for words in ((4, name, 2), (4, name, 3, name), (3, name, "tanh", 1), (name, 2)):
        network = network_of(3, *words, ending=ending, bias=bias)
        assert_trains_alike(network, schedule_of(network, 5, dtype, measures=MEASURES, weighted=True))


@given(
    N=st.integers(1, 18),
    D=st.integers(1, 18),
    widths=st.lists(st.integers(1, 18), min_size=1, max_size=10),
    ending=st.sampled_from(["squared error", "logistic"]),
    rule=st.sampled_from(["descent", "nesterov", "adam"]),
    dtype=st.sampled_from([np.float32, np.float64]),
    level=st.sampled_from(LEVELS or ["none"]),
)
@settings(max_examples=120, deadline=None)
def test_any_shape_on_either_side_of_tiny(N, D, widths, ending, rule, dtype, level):
    """Up to 16 numbers, up to 8 layers and as many rows as a vector has lanes are tiny."""
    before = _kernels.native.level()
    _kernels.native.select_level(level)
    try:
        network = network_of(D, *(word for width in widths for word in (width, "tanh")), ending=ending)
        assert_trains_alike(network, schedule_of(network, N, dtype, rule), epochs=5)
    finally:
        _kernels.native.select_level(before)


@pytest.mark.parametrize(("ending", "smoothing"), [("squared error", 0.0), ("logistic", 0.0), ("logistic", 0.2)])
def test_labels_and_smoothing(ending, smoothing):
    network = network_of(3, 4, "tanh", 3, ending=ending, smoothing=smoothing)
    for labels in (False, True):
        assert_trains_alike(network, schedule_of(network, 6, measures=MEASURES, labels=labels))


def test_the_article_s_network_over_a_thousand_epochs(level):
    theta, finals = theta_of(ARTICLE), []
    for kernels in (begin, ReferenceTraining):
        training = kernels(schedule_of(ARTICLE, 4, examples=XOR), theta)
        assert training.run(1000, None, LONG, 1) is Stop.DONE
        finals.append((training.theta(), training.history()[:, 0]))
    np.testing.assert_allclose(finals[0][0], finals[1][0], rtol=1e-10)
    np.testing.assert_allclose(finals[0][1], finals[1][1], rtol=1e-11)
    assert len(finals[0][1]) == 1000


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("measures", [(), MEASURES], ids=["loss alone", "metrics"])
def test_in_pieces_it_comes_to_the_same_bits(rule, measures):
    schedule, theta = schedule_of(ARTICLE, 4, rule=rule, measures=measures, examples=XOR), theta_of(ARTICLE)
    whole, pieces, timed = (begin(schedule, theta) for _ in range(3))
    assert whole.run(1000, None, LONG, 1) is Stop.DONE
    for size in [1, 2, 255, 256, 257, 100, 129]:
        assert pieces.run(1000, size, LONG, 1) is (Stop.PAUSED if size != 129 else Stop.DONE)
    pauses = 0
    while timed.run(1000, None, 0.0, 2) is Stop.PAUSED:
        pauses += 1
    assert 0 < pauses < 1000
    for other in (pieces, timed):
        assert other.theta().tobytes() == whole.theta().tobytes()
        assert [slot.tobytes() for slot in other.slots()] == [slot.tobytes() for slot in whole.slots()]
        assert (other.epochs, other.batches, other.iterations) == (1000, 0, 1000)
        assert other.means() == whole.means()
    rows = whole.history()
    assert pieces.history().tobytes() == timed.history().tobytes() == rows.tobytes()
    np.testing.assert_array_equal(whole.means(), rows[-1])


@pytest.mark.parametrize("rule", ["descent", "momentum", "adam"])
def test_another_rate_and_other_parameters_count_from_the_next_step(rule):
    schedule, theta = schedule_of(ARTICLE, 4, rule=rule, examples=XOR), theta_of(ARTICLE)
    ours, theirs = begin(schedule, theta), ReferenceTraining(schedule, theta)
    for training in (ours, theirs):
        training.run(20, None, LONG, 1)
        training.set_rate(0.05)
        training.run(40, None, LONG, 1)
        training.load(theta * 0.5)
        training.run(60, None, LONG, 1)
    assert_near(ours.theta(), theirs.theta(), 1e-11)
    following = replace(schedule, slots=ours.slots(), iterations=ours.iterations, rate=0.05)
    again = begin(following, ours.theta())
    for training in (ours, again):
        training.run(training.epochs + 10, None, LONG, 1)
    assert_near(again.theta(), ours.theta(), 1e-13)


@pytest.mark.parametrize(("what", "bad"), [("X", np.nan), ("Y", np.nan), ("Y", np.inf)])
@pytest.mark.parametrize("rule", ["momentum", "adam"])
def test_a_loss_that_is_not_finite_moves_nothing(rule, what, bad):
    schedule, theta = schedule_of(ARTICLE, 4, rule=rule, examples=XOR), theta_of(ARTICLE)
    array = getattr(XOR, what).copy()
    array[2, 0] = bad
    broken = replace(schedule, examples=replace(XOR, **{what: array}))
    ours, theirs = begin(broken, theta), ReferenceTraining(broken, theta)
    for training in (ours, theirs):
        assert training.run(100, None, LONG, 1) is Stop.NOT_FINITE
        np.testing.assert_array_equal(training.theta(), theta)
        assert not any(slot.any() for slot in training.slots())
        assert (training.epochs, training.iterations, training.history().shape) == (0, 0, (0, 1))
    assert ours.first_not_finite() == theirs.first_not_finite() == ((0 if what == "X" else -1), False)


@pytest.mark.parametrize("rate", [1e150, 1e308])
@pytest.mark.parametrize("rule", RULES)
def test_what_overflows_on_the_way_is_found_and_named_as_by_the_reference(rule, rate):
    """After the same number of steps, at the same layer, by its weights or by its numbers."""
    network = network_of(2, 3, "relu", 2, "relu", 1)
    schedule = replace(schedule_of(network, 4, rule=rule), rate=rate)
    theta, found = 30 * np.abs(theta_of(network)), []
    for kernels in (begin, ReferenceTraining):
        training = kernels(schedule, theta)
        stop = training.run(30, None, LONG, 1)
        found.append((stop, training.iterations, training.epochs, len(training.history()), training.first_not_finite()))
    assert found[0] == found[1]
    assert found[0][0] is Stop.NOT_FINITE or rate < 1e300


@pytest.mark.parametrize("place", [0, 2, 4])
def test_the_layer_whose_numbers_overflow_is_named(place):
    network = network_of(2, 3, "relu", 2, "relu", 1)
    theta, ends = np.abs(theta_of(network)), np.cumsum([0, *network.sizes])
    examples = Examples(XOR.X + (1e200 if place == 0 else 1), XOR.Y)
    for j in {place, max(place - 2, 0)}:
        theta[ends[j] : ends[j + 1]] *= 1e200
    for kernels in (begin, ReferenceTraining):
        training = kernels(schedule_of(network, 4, examples=examples), theta)
        assert training.run(30, None, LONG, 1) is Stop.NOT_FINITE
        assert training.first_not_finite() == (place, False)


@pytest.mark.parametrize("rule", RULES)
def test_it_goes_on_from_better_parameters(rule):
    schedule, theta = schedule_of(ARTICLE, 4, rule=rule, examples=XOR), theta_of(ARTICLE)
    training, fresh = begin(schedule, np.full_like(theta, np.nan)), begin(schedule, theta)
    for _ in range(3):
        assert training.run(2, None, LONG, 1) is Stop.NOT_FINITE
    training.load(theta)
    for each in (training, fresh):
        assert each.run(5, None, LONG, 1) is Stop.DONE
    np.testing.assert_array_equal(training.theta(), fresh.theta())
