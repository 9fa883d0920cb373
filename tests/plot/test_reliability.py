import numpy as np
import pytest
from matplotlib.figure import Figure

from multilogit.inference import reliability
from multilogit.plot import ReliabilityDisplay

P = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])


def test_by_hand_in_one_bin():
    found = ReliabilityDisplay.from_predictions(["a", "b", "b", "b"], P, classes=["a", "b"]).reliability
    assert found.confidence == pytest.approx([(0.9 + 0.8 + 0.6 + 0.7) / 4])
    assert found.right == (0.75,)
    assert found.weight == (4.0,)
    assert found.error == pytest.approx(0.0, abs=1e-15)


def test_by_hand_with_weights():
    found = ReliabilityDisplay.from_predictions([0, 1, 1, 1], P, classes=[0, 1], sample_weight=[1, 1, 2, 0]).reliability
    assert found.confidence == pytest.approx([(0.9 + 0.8 + 2 * 0.6) / 4])
    assert found.right == (0.5,)
    assert found.error == pytest.approx(0.725 - 0.5)


def test_classes_may_be_of_any_type_and_in_any_order():
    texts = ReliabilityDisplay.from_predictions(["z", "a", "a", "a"], P, classes=["z", "a"])
    truths = ReliabilityDisplay.from_predictions([True, False, False, False], P, classes=[True, False])
    assert texts == truths


def test_bins_of_equally_many_rows():
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.5, 1.0, 200)
    right = generator.random(200) < confidence
    display = ReliabilityDisplay.from_predictions(
        np.where(right, 1, 0), np.column_stack([1 - confidence, confidence]), classes=[0, 1]
    )
    assert display.reliability == reliability(confidence, right.astype(float), np.ones(200))
    assert display.reliability.weight == (20.0,) * 10


@pytest.fixture
def display():
    return ReliabilityDisplay.from_predictions(["a", "b", "b", "b"], P, classes=["a", "b"])


def test_it_is_drawn_on_the_given_axes(display):
    ax = Figure().subplots()
    assert display.plot(ax=ax) is ax
    diagonal, points = (line.get_xydata().tolist() for line in ax.lines[:2])
    assert diagonal == [[0, 0], [1, 1]]
    assert points == [[display.reliability.confidence[0], 0.75]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("probability of the predicted class", "share that is right")


def test_without_axes_it_makes_its_own_figure(display):
    first, second = display.plot(), display.plot()
    assert first.figure is not second.figure


def test_a_share_of_one_or_none_is_drawn():
    for labels in (["a", "b", "a", "b"], ["b", "a", "b", "a"]):
        ax = ReliabilityDisplay.from_predictions(labels, P, classes=["a", "b"]).plot()
        ax.figure.canvas.draw()
