"""The compiled network against the reference: every activation, loss, width, number of rows, type, level, thread."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.small_networks import ENDINGS, assert_near, examples_of, network_of, on_reference, theta_of

from multilogit import _kernels
from multilogit._kernels.activations import ACTIVATIONS
from multilogit._kernels.metrics import METRICS
from multilogit._objective.examples import Examples
from multilogit._objective.network import Dense, Network
from multilogit._objective.network_native import BATCH, gradient, means, open_network, open_training, outputs

pytestmark = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")

LEVELS = _kernels.native.levels() if _kernels.native else []
ROUNDING = {np.float64: 1e-12, np.float32: 1e-5}
TYPES = pytest.mark.parametrize("dtype", list(ROUNDING))
MEASURES = [(name, weighted) for name in METRICS for weighted in (False, True)]
PLAIN = ("squared error", "softmax", "logistic")


@pytest.fixture(params=LEVELS)
def level(request):
    """Run the kernels of one level."""
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield request.param
    _kernels.native.select_level(before)


def both(network, theta, examples, measures=()):
    """Return outputs, means of loss and metrics, value and gradient: compiled, and of the reference in float64."""

    def everything(theta, examples):
        value, G = gradient(network, theta, examples, 1)
        return outputs(network, theta, examples.X, 1), means(network, theta, examples, measures, 1), [value], G

    ours = everything(theta, examples)
    with on_reference():
        return ours, everything(theta.astype(np.float64), examples.astype(np.float64))


def assert_same(network, N, dtype, **choices):
    theta, examples = theta_of(network, dtype), examples_of(network, N, dtype, **choices)
    ours, theirs = both(network, theta, examples)
    assert ours[0].dtype == ours[-1].dtype == dtype
    for found, expected in zip(ours, theirs, strict=True):
        assert_near(found, expected, ROUNDING[dtype])


@TYPES
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_and_loss(level, name, ending, dtype):
    for words, bias in [((5, name, 7), True), ((3, name, 4), False), ((name, 9), True), ((6, "tanh", name, 5), True)]:
        network = network_of(11, *words, ending=ending, bias=bias)
        assert_same(network, 37, dtype)
        assert_same(network, 19, dtype, weighted=True)


@TYPES
@pytest.mark.parametrize("ending", ["softmax", "categorical"])
def test_labels(level, ending, dtype):
    for K in (1, 2, 5, 8, 17):
        network = network_of(4, 6, "sigmoid", K, ending=ending)
        assert_same(network, 33, dtype, labels=True)
        assert_same(network, 33, dtype, labels=True, weighted=True)


@TYPES
@pytest.mark.parametrize("ending", [name for name in ENDINGS if name != "squared error"])
def test_smoothing(ending, dtype):
    """The loss is that of other targets, metrics are those of the targets as they are."""
    for K in (1, 3, 9):
        network = network_of(4, 6, "tanh", K, ending=ending, smoothing=0.2)
        assert_same(network, 33, dtype, weighted=True)
        assert_same(network, 33, dtype, labels=True)
    theta, examples = theta_of(network, dtype), examples_of(network, 33, dtype)
    plain = network_of(4, 6, "tanh", K, ending=ending)
    found, unsmoothed = (means(each, theta, examples, MEASURES, 1) for each in (network, plain))
    np.testing.assert_array_equal(found[1:], unsmoothed[1:])
    assert found[0] != unsmoothed[0]


@TYPES
def test_every_width_from_1_to_40(level, dtype):
    """Multiples of a vector and others, of the rows, between the layers and of the outputs."""
    for width in range(1, 41):
        ending = PLAIN[width % 3]
        assert_same(network_of(41 - width, width, "sigmoid", 41 - width, ending=ending), 9, dtype)
        assert_same(network_of(3, 5, "tanh", width, ending=ending), 17, dtype)


@TYPES
@pytest.mark.parametrize("width", [127, 128, 130, 300])
def test_wide_layers(level, width, dtype):
    """More rows of weights than a block, more columns than a panel."""
    assert_same(network_of(width, width, "tanh", 3, ending="softmax"), 21, dtype)


@TYPES
def test_every_number_of_rows_from_1_to_70(level, dtype):
    for N in range(1, 71):
        assert_same(network_of(3, 5, "tanh", 4, ending=PLAIN[N % 3]), N, dtype, weighted=N % 2 == 0)


@TYPES
@pytest.mark.parametrize("N", [BATCH - 1, BATCH, BATCH + 6])
def test_more_rows_than_a_block(N, dtype):
    assert_same(network_of(3, 5, "tanh", 4, ending="softmax"), N, dtype, weighted=True)


@TYPES
@pytest.mark.parametrize("ending", ["squared error", "softmax", "logistic", "categorical"])
@pytest.mark.parametrize("words", [(0.5, 4), (5, "tanh", 0.3, 4), (5, "tanh", 4, 0.9)])
def test_dropout_drops_nothing_outside_training(words, ending, dtype):
    assert_same(network_of(6, *words, ending=ending), 40, dtype, weighted=True)


@pytest.mark.parametrize("ending", PLAIN)
def test_dropout_drops_nothing_from_the_gradient(ending):
    """Whatever the masks were that a training of the same network drew before."""
    network = network_of(6, 5, "tanh", 0.5, 4, ending=ending)
    theta, examples = theta_of(network), examples_of(network, 30)
    compiled = open_network(network, theta)
    arguments = {"batch_size": 8, "shuffle": True, "seed": 1, "measures": (), "first_epoch": 0, "iterations": 0}
    rule = 1, False, False, 0.0, 0.0, 0.0, 0.0, 0.0
    open_training(compiled, examples, rule=rule, **arguments).run(1, 100, 1e9, 1)
    G = np.empty_like(theta)
    compiled.gradient(examples.X, examples.Y, examples.labels, examples.weight, G, BATCH, 1)
    assert_near(G, network.evaluate(theta, examples)[1], 1e-12)


@TYPES
@pytest.mark.parametrize("labels", [False, True])
def test_metrics(level, labels, dtype):
    network = network_of(4, 6, "tanh", 3, ending="softmax")
    theta = theta_of(network, dtype)
    examples = examples_of(network, BATCH + 50, dtype, labels=labels, weighted=True)
    ours, theirs = both(network, theta, examples, MEASURES)
    assert len(ours[1]) == 1 + len(MEASURES)
    for (name, _), found, expected in zip([("loss", False), *MEASURES], ours[1], theirs[1], strict=True):
        # Two outputs may be so near each other, or one so near a half, that float32 tells them apart otherwise.
        near = 3 / len(examples) if dtype is np.float32 and "accuracy" in name else 0
        assert found == pytest.approx(expected, rel=ROUNDING[dtype], abs=near), name


@pytest.mark.parametrize("ending", ["softmax", "logistic", "squared error"])
def test_a_loss_alone_does_not_change_with_metrics(ending):
    network = network_of(4, 6, "tanh", 3, ending=ending)
    theta, examples = theta_of(network), examples_of(network, 50)
    assert means(network, theta, examples, MEASURES, 1)[0] == means(network, theta, examples, (), 1)[0]


@pytest.mark.parametrize("labels", [False, True])
def test_rows_without_weight_count_for_nothing(labels):
    for ending in ENDINGS if not labels else ["softmax", "softmax of logits", "categorical"]:
        network = network_of(3, 4, "tanh", 3, ending=ending)
        theta, all_rows = theta_of(network), examples_of(network, 21, labels=labels)
        weight = np.tile([1.0, 0.0, 2.0], 7)
        weighed = Examples(all_rows.X, all_rows.Y, all_rows.labels, weight)
        counted = Examples(
            *(None if a is None else a[weight > 0] for a in (weighed.X, weighed.Y, weighed.labels, weight))
        )
        value, G = gradient(network, theta, weighed, 1)
        value_counted, G_counted = gradient(network, theta, counted, 1)
        assert value == pytest.approx(value_counted, rel=1e-14)
        assert_near(G, G_counted, 1e-14)


@pytest.mark.parametrize("ending", ["binary", "categorical"])
def test_an_infinite_loss_without_weight_counts_for_nothing(ending):
    network = Network(2, network_of(2, 2, "sigmoid").operations, ENDINGS[ending][0])
    theta, weight = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), np.array([0.0, 1.0])
    examples = Examples(np.array([[-800.0, 0.0], [0.5, -0.5]]), np.array([[1.0, 0.0], [1.0, 0.0]]), None, weight)
    value, G = gradient(network, theta, examples, 1)
    alone, G_alone = gradient(network, theta, examples.part(1, 2), 1)
    assert value == alone
    np.testing.assert_array_equal(G, G_alone)


@pytest.mark.parametrize("operations", [(), (Dense(3),)])
@pytest.mark.parametrize("ending", ["softmax", "softmax of logits", "logistic", "squared error"])
def test_a_network_of_nothing_but_its_ending(operations, ending):
    network = Network(3, operations, ENDINGS[ending][0])
    assert_same(network, 20, np.float64)


def test_the_same_bits_for_any_number_of_threads(level):
    """2000 rows of three layers: more than a million multiply-adds, so that threads are used."""
    for ending in PLAIN:
        network = network_of(20, 33, "tanh", 40, "sigmoid", 7, ending=ending)
        theta, examples = theta_of(network), examples_of(network, 2000, weighted=True)
        P, found, (value, G) = _with_threads(network, theta, examples, 1)
        for n_threads in (2, 3):
            P_again, found_again, (value_again, G_again) = _with_threads(network, theta, examples, n_threads)
            assert (P_again.tobytes(), G_again.tobytes()) == (P.tobytes(), G.tobytes())
            assert value_again == value
            np.testing.assert_array_equal(found_again, found)


def _with_threads(network, theta, examples, n):
    return (
        outputs(network, theta, examples.X, n),
        means(network, theta, examples, MEASURES, n),
        gradient(network, theta, examples, n),
    )


@given(size=st.integers(1, 200), n_threads=st.integers(1, 2), ending=st.sampled_from(list(ENDINGS)))
@settings(max_examples=40, deadline=None)
def test_outputs_do_not_depend_on_the_blocks_of_rows(size, n_threads, ending):
    network = network_of(5, 9, "tanh", 4, ending=ending)
    theta, X = theta_of(network), examples_of(network, 150).X
    compiled, P = open_network(network, theta), np.empty((150, 4))
    compiled.predict(X, P, size, n_threads)
    np.testing.assert_array_equal(P, outputs(network, theta, X, 1))
    np.testing.assert_array_equal(P[70:71], outputs(network, theta, X[70:71], 1))


@given(size=st.integers(1, 200), ending=st.sampled_from(list(ENDINGS)))
@settings(max_examples=40, deadline=None)
def test_sums_depend_on_the_blocks_of_rows_by_rounding_alone(size, ending):
    network = network_of(5, 9, "tanh", 4, ending=ending)
    theta, examples = theta_of(network), examples_of(network, 150, weighted=True)
    compiled, G = open_network(network, theta), np.empty_like(theta)
    targets = examples.Y, examples.labels, examples.weight
    value = compiled.gradient(examples.X, *targets, G, size, 1)
    expected, G_expected = gradient(network, theta, examples, 1)
    assert value == pytest.approx(expected, rel=1e-13)
    assert_near(G, G_expected, 1e-13)
    codes = [(i, weighted) for i in range(len(METRICS)) for weighted in (False, True)]
    found = compiled.evaluate(examples.X, *targets, codes, size, 1)
    np.testing.assert_allclose(found, means(network, theta, examples, MEASURES, 1), rtol=1e-12)


def test_a_number_that_is_none_stays_in_its_row(level):
    network = network_of(5, 9, "sigmoid", 4, ending="softmax")
    theta, X = theta_of(network), examples_of(network, 50).X
    expected = outputs(network, theta, X, 1)
    X[20, 3], X[33, 0] = np.nan, np.inf
    found = outputs(network, theta, X, 1)
    assert np.isnan(found[20]).all()
    others = np.delete(np.arange(50), [20, 33])
    np.testing.assert_array_equal(found[others], expected[others])


def framed(array):
    """Return a copy between numbers that are none, and the whole with its frame."""
    whole = np.full(array.size + 64, np.nan, dtype=array.dtype)
    inner = whole[32 : 32 + array.size].reshape(array.shape)
    inner[...] = array
    return inner, whole


@TYPES
@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_read_or_written_beyond_the_arrays(level, ending, dtype):
    for D, M, K, N in [(1, 1, 1, 1), (3, 5, 2, 7), (4, 8, 4, 16), (17, 9, 7, 33)]:
        network = network_of(D, M, "tanh", K, ending=ending)
        theta, examples = theta_of(network, dtype), examples_of(network, N, dtype, weighted=True)
        X, Y, weight = (framed(array)[0] for array in (examples.X, examples.Y, examples.weight))
        compiled = open_network(network, framed(theta)[0])
        (P, around_P), (G, around_G), (back, around) = framed(np.zeros((N, K), dtype)), framed(theta), framed(theta)
        compiled.predict(X, P, 16, 1)
        compiled.gradient(X, Y, None, weight, G, 16, 1)
        compiled.save(back)
        np.testing.assert_array_equal(P, outputs(network, theta, examples.X, 1))
        assert_near(G, gradient(network, theta, examples, 1)[1], ROUNDING[dtype])
        np.testing.assert_array_equal(back, theta)
        assert all(np.isnan(frame[:32]).all() and np.isnan(frame[-32:]).all() for frame in (around_P, around_G, around))


def test_parameters_come_back_as_they_went_in(level):
    network = network_of(5, 9, "sigmoid", 0.2, 3, "tanh", 4, bias=False)
    theta = theta_of(network)
    compiled, back = open_network(network, theta), np.empty_like(theta)
    compiled.save(back)
    np.testing.assert_array_equal(back, theta)
    assert compiled.parameters == network.n_parameters == 5 * 9 + 9 * 3 + 3 * 4
    for slot in range(3):
        compiled.load_slot(slot, theta * (slot + 2))
        compiled.save_slot(slot, back)
        np.testing.assert_array_equal(back, theta * (slot + 2))


WRONG = {
    "a column too few": {"X": np.zeros((4, 2))},
    "a row of targets too few": {"Y": np.zeros((3, 2))},
    "a target too many": {"Y": np.zeros((4, 3))},
    "no targets": {"Y": None},
    "targets twice": {"labels": np.zeros(4)},
    "a label too few": {"Y": None, "labels": np.zeros(3)},
    "a label beyond the classes": {"Y": None, "labels": np.array([0.0, 1.0, 2.0, 0.0])},
    "a label below zero": {"Y": None, "labels": np.array([0.0, -1.0, 1.0, 0.0])},
    "a label that is none": {"Y": None, "labels": np.array([0.0, np.nan, 1.0, 0.0])},
    "a weight too few": {"weight": np.ones(3)},
    "a gradient too short": {"out": np.empty(7)},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_arrays_of_other_shapes_are_refused(wrong):
    compiled = open_network(network_of(3, 2), np.zeros(8))
    right = {"X": np.zeros((4, 3)), "Y": np.zeros((4, 2)), "labels": None, "weight": None, "out": np.empty(8)}
    compiled.gradient(**right, batch_size=4, n_threads=1)
    with pytest.raises((ValueError, TypeError)):
        compiled.gradient(**(right | wrong), batch_size=4, n_threads=1)


def test_other_arrays_are_refused():
    compiled = open_network(network_of(3, 2), np.zeros(8))
    for refused in (lambda: compiled.load(np.zeros(9)), lambda: compiled.save(np.zeros(7)),
                    lambda: compiled.load_slot(3, np.zeros(8)), lambda: compiled.save_slot(0, np.zeros(9)),
                    lambda: compiled.predict(np.zeros((4, 3)), np.zeros((4, 3)), 2, 1),
                    lambda: compiled.predict(np.zeros((4, 6))[:, ::2], np.zeros((4, 2)), 2, 1),
                    lambda: compiled.predict(np.zeros((4, 3), np.float32), np.zeros((4, 2)), 2, 1)):  # fmt: skip
        with pytest.raises((ValueError, TypeError)):
            refused()


@pytest.mark.parametrize(("ending", "K"), [("logistic", 1), ("logistic of logits", 1), ("softmax", 2)])
def test_a_confident_right_answer_keeps_a_gradient_with_all_its_digits(level, ending, K):
    """Of one row at a time: P - Y where both are one is not their difference."""
    network = network_of(1, K, ending=ending)
    theta = np.array([1.0, 0.0] if K == 1 else [1.0, 0.0, 0.0, 0.0])
    for z in (20.0, 37.0, 40.0, 300.0, 700.0):
        Y = np.eye(K)[:1]
        G = gradient(network, theta, Examples(np.array([[z]]), Y), 1)[1]
        np.testing.assert_allclose(G[-1], (-1) ** K * np.exp(-z), rtol=3e-9)
