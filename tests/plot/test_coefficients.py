from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from multilogit import LogisticRegression
from multilogit.plot import CoefficientDisplay

COEF = np.array([[1.0, 0.0, -2.0], [0.5, 0.1, 3.0], [-1.5, -0.1, -1.0]])


def estimator(coef=COEF, classes=("a", "b", "c"), **more):
    return SimpleNamespace(coef_=coef, classes_=np.array(classes), **more)


def test_the_widest_term_is_first():
    display = CoefficientDisplay.from_estimator(estimator(), ["p", "q", "r"])
    assert display.terms == ("r", "p", "q")  # ranges 5, 2.5 and 0.2
    assert display.classes == ("a", "b", "c")
    np.testing.assert_array_equal(display.coef, COEF[:, [2, 0, 1]])


def test_the_first_of_two_classes_is_at_zero():
    display = CoefficientDisplay.from_estimator(estimator(np.array([[2.0, -6.0]]), (0, 1)), ["p", "q"])
    assert display.terms == ("q", "p")
    assert display.coef.tolist() == [[0.0, 0.0], [-6.0, 2.0]]


def test_names_come_from_the_estimator_if_none_are_given():
    assert CoefficientDisplay.from_estimator(estimator()).terms == ("x2", "x0", "x1")
    named = estimator(feature_names_in_=np.array(["u", "v", "w"]))
    assert CoefficientDisplay.from_estimator(named).terms == ("w", "u", "v")


def test_a_fitted_estimator():
    X = pd.DataFrame({"u": [0.0, 1.0, 2.0, 3.0], "v": [1.0, 0.0, 1.0, 0.0]})
    fitted = LogisticRegression().fit(X, ["n", "n", "y", "y"])
    display = CoefficientDisplay.from_estimator(fitted)
    assert display.terms == ("u", "v")
    assert display.classes == ("n", "y")
    np.testing.assert_allclose(display.coef[1] - display.coef[0], fitted.coef_[0], rtol=1e-15)


def test_of_many_terms_the_twenty_widest_are_kept():
    coef = np.vstack([np.arange(50.0), np.zeros(50), np.zeros(50)])
    display = CoefficientDisplay.from_estimator(estimator(coef), [f"t{j}" for j in range(50)])
    assert display.terms == tuple(f"t{j}" for j in range(49, 29, -1))


def test_it_is_drawn_on_the_given_axes():
    ax = Figure().subplots()
    display = CoefficientDisplay.from_estimator(estimator(), ["p", "q", "r"])
    assert display.plot(ax=ax) is ax
    by_height = dict(zip(ax.get_yticks().tolist(), (text.get_text() for text in ax.get_yticklabels()), strict=True))
    assert by_height == {2: "r", 1: "p", 0: "q"}
    dots = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "."]
    assert dots == [[[row[2], 2], [row[0], 1], [row[1], 0]] for row in COEF.tolist()]


def test_the_class_that_is_furthest_from_zero_is_named():
    ax = CoefficientDisplay.from_estimator(estimator(), ["p", "q", "r"]).plot()
    assert [(text.get_text(), text.xy[0]) for text in ax.texts] == [("b", 3.0), ("c", -1.5), ("b", 0.1)]


@pytest.mark.parametrize("name", ["$x^2$", "a$b_c", "$a_$", "x" * 1000])
def test_names_are_drawn_as_they_are(name):
    ax = CoefficientDisplay.from_estimator(estimator(classes=(name, "y", "z")), [name, "q", "r"]).plot()
    ax.figure.canvas.draw()
    assert not any(text._preprocess_math(text.get_text())[1] for text in [*ax.texts, *ax.get_yticklabels()])
