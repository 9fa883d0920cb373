"""L-BFGS on a network: the convex optimum, steps that only lead down, an end by itself, pieces, what is recorded."""

import numpy as np
import pytest
from objective.small_networks import assert_near, examples_of, network_of, on_reference, theta_of

import multilogit
from multilogit import _kernels
from multilogit._objective.examples import Examples
from multilogit._objective.network_native import gradient, means, outputs
from multilogit._solvers.mini_batches import Stop
from multilogit._solvers.network_lbfgs import NetworkLBFGS

LONG = 1e9  # seconds
XOR = Examples(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]]))
ARTICLE = network_of(2, 2, "sigmoid", 1, "sigmoid")


def overlapping(N=120, K=3):
    """Return rows of classes that overlap, so that the optimum is finite."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, K, N)
    return rng.normal(size=(N, 4)) + 0.7 * np.eye(4)[labels], labels


def training_of(network, examples, theta=None, *, tolerance=1e-8, measures=(), memory=10):
    return NetworkLBFGS(network, examples, measures, theta_of(network) if theta is None else theta, memory, tolerance)


def norm_at(network, theta, examples):
    return float(np.abs(gradient(network, theta, examples, 1)[1]).max()) / len(examples)


def test_a_convex_loss_comes_to_the_optimum_of_softmax_regression():
    X, labels = overlapping()
    network, examples = network_of(4, 3, ending="softmax"), Examples(X, labels=labels.astype(float))
    training = training_of(network, examples, tolerance=1e-9)
    assert training.run(1000, None, LONG, 1) is Stop.DONE
    assert training.ended
    assert training.epochs == training.iterations < 60
    assert training.gradient_norm == norm_at(network, training.theta(), examples) <= 1e-9
    theirs = multilogit.LogisticRegression(C=np.inf).fit(X, labels)
    np.testing.assert_allclose(outputs(network, training.theta(), X, 1), theirs.predict_proba(X), atol=1e-6)
    loss = -np.log(theirs.predict_proba(X)[np.arange(len(X)), labels]).mean()
    assert training.means()[0] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("ending", ["squared error", "logistic"])
@pytest.mark.parametrize("seed", range(8))
def test_a_loss_that_is_not_convex_only_falls(ending, seed):
    """From any start to a point with a small gradient, or to one from where no step leads down."""
    network = network_of(2, 3, "tanh", 1, *(["sigmoid"] if ending == "squared error" else []), ending=ending)
    training = training_of(network, XOR, theta_of(network, seed=seed), tolerance=1e-6)
    start = means(network, theta_of(network, seed=seed), XOR, (), 1)[0]
    assert training.run(3000, None, LONG, 1) is Stop.DONE
    assert training.ended
    values = np.array([start, *training.history()[:, 0]])
    assert np.all(np.diff(values) <= 1e-13 * values[:-1])
    assert training.gradient_norm <= 1e-6


def test_the_network_of_the_article_learns_xor_from_some_starts():
    values = []
    for seed in range(10):
        training = training_of(ARTICLE, XOR, 3 * theta_of(ARTICLE, seed=seed), tolerance=1e-7)
        training.run(2000, None, LONG, 1)
        values.append(training.means()[0])
        P = outputs(ARTICLE, training.theta(), XOR.X, 1)
        assert values[-1] > 0.05 or np.array_equal(P.round(), XOR.Y)
    assert min(values) < 1e-4


@pytest.mark.parametrize("start", [0.3, -1.7, 0.05])
def test_it_ends_where_no_step_leads_down(start):
    """In the kink of (relu(w) + 1)^2 + (relu(-w) + 1)^2 the slope jumps from -1 to 1, and never is small."""
    network = network_of(1, 1, "relu", bias=False)
    kink = Examples(np.array([[1.0], [-1.0]]), np.array([[-1.0], [-1.0]]))
    training = training_of(network, kink, np.array([start]))
    for _ in range(2):
        assert training.run(1000, None, LONG, 1) is Stop.DONE
        assert training.ended
        assert training.epochs < 20
        assert abs(training.theta()[0]) < 0.12
        assert training.gradient_norm >= 1


def test_a_gradient_as_small_as_rounding_allows_is_reached():
    X, labels = overlapping()
    network = network_of(4, 3, ending="softmax")
    training = training_of(network, Examples(X, np.eye(3)[labels]), tolerance=1e-15)
    assert training.run(1000, None, LONG, 1) is Stop.DONE
    assert training.ended
    assert training.epochs < 60


def test_at_the_optimum_an_epoch_takes_no_step():
    X, labels = overlapping()
    network, examples = network_of(4, 3, ending="softmax"), Examples(X, labels=labels.astype(float))
    first = training_of(network, examples)
    first.run(1000, None, LONG, 1)
    again = training_of(network, examples, first.theta())
    assert again.run(1000, None, LONG, 1) is Stop.DONE
    assert (again.ended, again.epochs, again.iterations) == (True, 1, 0)
    np.testing.assert_array_equal(again.theta(), first.theta())
    np.testing.assert_array_equal(again.history(), first.history()[-1:])


@pytest.mark.parametrize("piece", [{"batches": 1, "seconds": LONG}, {"batches": None, "seconds": 0.0}])
def test_in_pieces_it_comes_to_the_same_bits(piece):
    network = network_of(4, 5, "tanh", 3, ending="softmax")
    examples = examples_of(network, 30, weighted=True)
    whole, pieces = training_of(network, examples, tolerance=1e-12), training_of(network, examples, tolerance=1e-12)
    assert whole.run(25, None, LONG, 1) is Stop.DONE
    stops = [pieces.run(25, n_threads=1, **piece) for _ in range(25)]
    assert stops == [Stop.PAUSED] * 24 + [Stop.DONE]
    assert pieces.theta().tobytes() == whole.theta().tobytes()
    assert pieces.history().tobytes() == whole.history().tobytes()


def test_each_epoch_records_loss_metrics_and_the_largest_entry_of_the_gradient():
    network = network_of(4, 5, "tanh", 3, ending="softmax")
    examples = examples_of(network, 30, weighted=True)
    measures = (("categorical_accuracy", False), ("mean_squared_error", True))
    training = training_of(network, examples, measures=measures)
    for epoch in range(1, 6):
        assert training.run(epoch, None, LONG, 1) is Stop.DONE
        (row,) = training.history()
        np.testing.assert_allclose(row[:-1], means(network, training.theta(), examples, measures, 1), rtol=1e-13)
        assert row[-1] == pytest.approx(norm_at(network, training.theta(), examples), rel=1e-12)
        assert (training.epochs, training.batches, training.iterations) == (epoch, 0, epoch)


def test_the_first_step_is_along_the_gradient_and_long_enough():
    network = network_of(4, 3, ending="softmax")
    examples, theta = examples_of(network, 30), theta_of(network)
    training = training_of(network, examples, theta)
    G = gradient(network, theta, examples, 1)[1] / 30
    training.run(1, None, LONG, 1)
    moved = training.theta() - theta
    assert -moved @ G == pytest.approx(np.linalg.norm(moved) * np.linalg.norm(G), rel=1e-12)
    G_after = gradient(network, training.theta(), examples, 1)[1] / 30
    assert 0.9 * (moved @ G) <= moved @ G_after <= -0.8 * (moved @ G)


def test_a_pair_is_scaled_to_its_direction_whatever_the_length_of_the_step():
    """The mean of (x W - y)^2 is a quadratic: y = H s to rounding, for steps taken whole, shortened and lengthened."""
    network, lengths = network_of(4, 1, bias=False), []
    examples, theta = examples_of(network, 30), np.array([30.0, -20.0, 10.0, 5.0])
    training = training_of(network, examples, theta)
    for epoch in range(1, 6):
        before = training.theta()
        training.run(epoch, None, LONG, 1)
        s, y = training._pairs.s[-1], training._pairs.y[-1]
        np.testing.assert_allclose(y, 2 / 30 * examples.X.T @ examples.X @ s, rtol=1e-9, atol=1e-12)
        lengths.append(np.linalg.norm(training.theta() - before) / np.linalg.norm(s))
    assert max(lengths) > 1.9
    assert any(length == pytest.approx(1.0) for length in lengths)


def test_pairs_shorten_the_way_along_columns_of_other_units():
    X, labels = overlapping()
    network = network_of(4, 3, ending="softmax")
    steps = {}
    for memory in (1, 10):
        training = training_of(
            network, Examples(X * np.array([1, 5, 20, 50]), labels=labels.astype(float)), memory=memory
        )
        training.run(10_000, None, LONG, 1)
        assert training.gradient_norm <= 1e-8
        steps[memory] = training.epochs
    assert steps[10] < 300
    assert steps[10] < steps[1]


def test_parameters_in_float32_are_trained_in_float64():
    network = network_of(4, 5, "tanh", 3, ending="softmax")
    theta, examples = theta_of(network, np.float32), examples_of(network, 30, np.float32)
    single, double = training_of(network, examples, theta), training_of(network, examples, theta.astype(np.float64))
    double._examples = single._examples
    for training in (single, double):
        training.run(20, None, LONG, 1)
    assert single.theta().dtype == np.float32
    np.testing.assert_array_equal(single.theta(), double.theta().astype(np.float32))
    assert single.gradient_norm == norm_at(network, single.theta().astype(np.float64), examples.astype(np.float64))


@pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")
def test_the_compiled_kernels_take_the_steps_of_the_reference_by_any_number_of_threads():
    network = network_of(20, 30, "tanh", 20, "sigmoid", 3, ending="softmax")
    examples = examples_of(network, 1100, weighted=True)
    found = {}
    for n_threads in (1, 2):
        found[n_threads] = training_of(network, examples)
        found[n_threads].run(8, None, LONG, n_threads)
    assert found[1].theta().tobytes() == found[2].theta().tobytes()
    with on_reference():
        reference = training_of(network, examples)
        reference.run(8, None, LONG, 1)
    assert_near(found[1].theta(), reference.theta(), 1e-9)


@pytest.mark.parametrize(("what", "bad", "found"), [("X", np.nan, (0, False)), ("Y", np.inf, (-1, False))])
def test_a_loss_that_is_not_finite_moves_nothing(what, bad, found):
    network = network_of(4, 5, "tanh", 3)
    examples, theta = examples_of(network, 30), theta_of(network)
    getattr(examples, what)[7, 2] = bad
    training = training_of(network, examples, theta)
    for _ in range(2):
        assert training.run(10, None, LONG, 1) is Stop.NOT_FINITE
        assert training.first_not_finite() == found
        np.testing.assert_array_equal(training.theta(), theta)
        assert training.epochs == 0


def test_a_layer_whose_numbers_overflow_is_named():
    network = network_of(4, 5, "relu", 3)
    training = training_of(network, examples_of(network, 30), 1e200 * theta_of(network))
    assert training.run(10, None, LONG, 1) is Stop.NOT_FINITE
    assert training.first_not_finite() == (2, False)


def test_from_other_parameters_it_begins_anew():
    network = network_of(4, 5, "tanh", 3, ending="softmax")
    examples, theta = examples_of(network, 30), theta_of(network)
    training, fresh = training_of(network, examples), training_of(network, examples, 2 * theta)
    training.run(6, None, LONG, 1)
    training.load(2 * theta)
    np.testing.assert_array_equal(training.theta(), 2 * theta)
    training.set_rate(1e9)
    training.run(12, None, LONG, 1)
    fresh.run(6, None, LONG, 1)
    assert training.theta().tobytes() == fresh.theta().tobytes()
    assert training.slots() == ()


def test_weights_count():
    """A weight of two is two copies, of which the mean is over all rows."""
    network = network_of(4, 3, ending="softmax")
    once = examples_of(network, 20)
    weight = np.tile([0.0, 1.0, 1.0, 2.0], 5)
    twice = Examples(np.repeat(once.X, weight.astype(int), axis=0), np.repeat(once.Y, weight.astype(int), axis=0))
    found = []
    for examples in (Examples(once.X, once.Y, None, weight), twice):
        training = training_of(network, examples, tolerance=1e-10)
        training.run(500, None, LONG, 1)
        found.append(outputs(network, training.theta(), once.X, 1))
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
