"""Margins along a direction, and the verdict on that direction alone."""

import numpy as np
import pytest
from objective.problems import objective_of, parameters, problem

from multilogit._proofs.recession import Verdict, block_margins, separation_of

LINE = np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0]])


def along(slope, intercept):
    return np.array([[[slope]], [[intercept]]])


@pytest.mark.parametrize(
    "arguments",
    [
        {"K": 2, "weighted": True},
        {"K": 3, "soft": True},
        {"K": 4, "mask": [[True, False, True, True]], "weighted": True},
        {"K": 3, "source": "CSR", "fit_intercept": False},
    ],
)
def test_margins_by_definition(arguments):
    """z_own - z_other of every row with weight, every class of its target, and every other class in play."""
    objective = problem(**arguments, N=12)
    V = parameters(objective)
    present = np.flatnonzero(objective.layout.class_mask[0])
    for index in range(objective.source.n_blocks):
        block = objective.source.block(index)
        Z, Y = objective.logits(V, block)[:, 0], block.masses(objective.layout.n_classes)
        expected = {
            (i, a, b): Z[i, a] - Z[i, b]
            for i in range(len(Y))
            for a in np.flatnonzero(Y[i])
            for b in present
            if a != b and block.weight[i, 0] > 0
        }
        found = block_margins(objective, V, block)
        triples = list(zip(found.row.tolist(), found.own.tolist(), found.other.tolist(), strict=True))
        assert dict(zip(triples, found.value.tolist(), strict=True)) == pytest.approx(expected)
        assert len(triples) == len(expected)


def test_a_direction_that_separates():
    objective = objective_of(LINE, np.array([0, 0, 0, 1, 1]), 2, C=np.inf)
    found = separation_of(objective, along(1.0, -0.5))
    assert found.verdict is Verdict.SEPARATED
    assert found.pairs == ((0, 1),)
    np.testing.assert_array_equal(found.direction, [[1.0], [-0.5]])


@pytest.mark.parametrize(("slope", "intercept"), [(-1.0, 0.5), (0.0, 0.0), (1.0, 1e-3), (1.0, -1.5)])
def test_a_direction_that_loses_somewhere_or_gains_nowhere_says_nothing(slope, intercept):
    objective = objective_of(LINE, np.array([0, 0, 0, 1, 1]), 2, C=np.inf)
    found = separation_of(objective, along(slope, intercept))
    assert found.verdict is Verdict.UNDECIDED
    assert found.direction is None
    assert found.pairs == ()


def test_a_margin_within_the_rounding_of_its_terms_is_none():
    """1e8 w - 1e8 w' is a difference of terms so large that its last digits mean nothing."""
    X = np.array([[-1.0, 1.0], [1.0, -1.0]]) * 1e8 + np.array([[0.0, 0.0], [1e-7, 0.0]])
    objective = objective_of(X, np.array([0, 1]), 2, C=np.inf, fit_intercept=False)
    V = np.array([[1.0], [1.0]])[:, None]
    assert separation_of(objective, V).verdict is Verdict.UNDECIDED


def test_pairs_over_several_blocks():
    X, y = np.array([[0.0], [1.0], [3.0], [3.5], [5.0], [6.0]]), np.array([0, 0, 1, 1, 2, 2])
    objective = objective_of(X, y, 3, C=np.inf, rows_per_block=2)
    b = np.array([0.0, -2.0, -6.25])
    V = np.stack([np.array([0.0, 1.0, 2.0]), b + objective.source.centre[0] * np.array([0.0, 1.0, 2.0])])[:, None]
    found = separation_of(objective, V)
    assert found.verdict is Verdict.SEPARATED
    assert found.pairs == ((0, 1), (0, 2), (1, 2))
    V[1, 0, 1] -= 2.0  # now some row of class 1 prefers another class
    assert separation_of(objective, V).verdict is Verdict.UNDECIDED
