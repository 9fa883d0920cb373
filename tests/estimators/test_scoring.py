"""Scores by hand: their formulas, weights, blocks, and what counts as a score."""

import numpy as np
import pytest

from multilogit import InputError
from multilogit.estimators.scoring import Part, resolve_scoring

P = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.4, 0.4, 0.2]])
LABELS = np.array([0, 1, 0, 1])


def part(P=P, labels=LABELS, weight=None, size=9):
    """Return rows with predictions, in blocks of some size."""
    with np.errstate(divide="ignore"):
        log_P = np.log(P)
    return Part(
        labels=labels,
        y=np.array(["a", "b", "c"])[labels],
        weight=None if weight is None else np.asarray(weight),
        blocks=lambda: (log_P[start : start + size] for start in range(0, len(P), size)),
        model=lambda: "the model",
        rows=lambda: "the rows",
    )


@pytest.mark.parametrize("size", [1, 3, 9])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, np.log([0.5, 0.8, 0.2, 0.4])),
        ("neg_log_loss", np.log([0.5, 0.8, 0.2, 0.4])),
        ("accuracy", np.array([1.0, 1.0, 0.0, 0.0])),  # of equal probabilities the first class
        ("neg_brier_score", -np.array([0.375, 0.06, 1.04, 0.56])),
    ],
)
def test_formulas(name, expected, size):
    score = resolve_scoring(name)
    np.testing.assert_allclose(score(part(size=size)), expected.mean(), rtol=1e-14)
    weight = np.array([1.0, 0.0, 2.0, 5.0])
    np.testing.assert_allclose(score(part(weight=weight, size=size)), weight @ expected / 8.0, rtol=1e-14)


def test_the_brier_score_of_two_classes_counts_one_of_them():
    two = part(np.array([[0.7, 0.3], [0.4, 0.6]]), np.array([0, 0]))
    assert resolve_scoring("neg_brier_score")(two) == pytest.approx(-(0.09 + 0.36) / 2)


def test_the_impossible_costs_infinity_unless_it_has_no_weight():
    sure = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    assert resolve_scoring(None)(part(sure, np.array([1, 0]))) == -np.inf
    assert resolve_scoring(None)(part(sure, np.array([1, 0]), [0.0, 3.0])) == pytest.approx(np.log(0.5))


def test_a_function_gets_y_and_P():
    seen = resolve_scoring(lambda y, P: float((y == "a") @ P[:, 0]))(part(size=2))
    assert seen == pytest.approx(0.7)


def test_a_scorer_gets_the_model_the_rows_and_the_weights():
    calls = []

    def scorer(estimator, X, y, sample_weight=None):
        calls.append((estimator, X, list(y), sample_weight))
        return 1

    score = resolve_scoring(scorer)
    assert score(part()) == 1.0
    score(part(weight=[1.0, 2.0, 3.0, 4.0]))
    assert calls[0] == ("the model", "the rows", ["a", "b", "a", "b"], None)
    assert calls[1][3].tolist() == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("scoring", [3, len, lambda: 0.0, lambda a, b, c, d: 0.0, object()])
def test_what_is_no_score_is_refused(scoring):
    with pytest.raises(InputError, match="scoring must be a name, a function of y and P"):
        resolve_scoring(scoring)
