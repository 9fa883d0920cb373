import numpy as np
import pytest
from matplotlib.figure import Figure

from multilogit.plot import ConfusionDisplay

TRUE = ["a", "a", "b", "b", "b", "c"]
PREDICTED = ["a", "b", "b", "b", "a", "b"]


def drawn(ax):
    return {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in ax.texts}


def names(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_by_hand():
    display = ConfusionDisplay.from_predictions(TRUE, PREDICTED)
    assert display.labels == ("a", "b", "c")
    assert display.counts.tolist() == [[1, 1, 0], [1, 2, 0], [0, 1, 0]]


def test_by_hand_with_weights():
    display = ConfusionDisplay.from_predictions(TRUE, PREDICTED, sample_weight=[0.5, 2, 1, 1, 1, 0])
    assert display.counts.tolist() == [[0.5, 2, 0], [1, 2, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("true", "predicted", "labels"),
    [([3, -1, 3], [3, 3, 20], ("-1", "3", "20")), ([True, False], [True, True], ("False", "True"))],
)
def test_labels_are_in_the_order_of_their_type(true, predicted, labels):
    assert ConfusionDisplay.from_predictions(true, predicted).labels == labels


def test_twenty_classes_are_shown_and_of_more_the_largest():
    true = np.repeat(np.arange(20), np.arange(1, 21))
    assert len(ConfusionDisplay.from_predictions(true, true).labels) == 20
    true = np.repeat(np.arange(23), np.arange(1, 24))
    display = ConfusionDisplay.from_predictions(true, np.roll(true, 1))
    assert display.labels == (*(str(k) for k in range(22, 3, -1)), "all other")
    assert display.counts.shape == (20, 20)
    assert display.counts.sum() == len(true)
    assert display.counts[:, 0].sum() == 23
    assert display.counts[-1].tolist() == [1.0] + [0.0] * 18 + [9.0]  # of 0 to 3, the first is taken for 22
    assert display.counts[:, -1].tolist() == [0.0] * 18 + [1.0] + [9.0]  # one of 4 for 3


def test_it_is_drawn_on_the_given_axes():
    ax = Figure().subplots()
    assert ConfusionDisplay.from_predictions(TRUE, PREDICTED).plot(ax=ax) is ax
    assert drawn(ax) == {(0, 0): "1", (0, 1): "1", (1, 0): "1", (1, 1): "2", (2, 1): "1"}
    assert names(ax.xaxis) == names(ax.yaxis) == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.5, 0.5, 0], [1 / 3, 2 / 3, 0], [0, 1, 0]])


def test_a_class_that_no_row_has_is_a_row_of_zeros():
    ax = ConfusionDisplay.from_predictions(["a", "a"], ["a", "b"]).plot()
    assert ax.images[0].get_array().tolist() == [[0.5, 0.5], [0, 0]]


def test_a_figure_of_its_own_grows_with_the_classes():
    small = ConfusionDisplay.from_predictions(TRUE, PREDICTED).plot().figure
    large = ConfusionDisplay.from_predictions(list(range(20)), list(range(20))).plot().figure
    assert (large.get_size_inches() > small.get_size_inches()).all()


@pytest.mark.parametrize("label", ["$x^2$", "a$b_c", "$a_$", "<b>", "x" * 1000, "日本", "a\nb"])
def test_labels_are_drawn_as_they_are(label):
    ax = ConfusionDisplay.from_predictions([label, "z"], [label, "z"]).plot()
    shown = ax.xaxis.get_ticklabels()[0]
    assert shown._preprocess_math(shown.get_text())[1] is False
    assert len(shown.get_text()) < 40
