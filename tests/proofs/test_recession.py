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


def test_the_tolerance_is_what_may_be_lost():
    objective = objective_of(LINE, np.array([0, 0, 0, 1, 1]), 2, C=np.inf)
    assert separation_of(objective, along(1.0, 1e-3), 1e-2).verdict is Verdict.SEPARATED
    assert separation_of(objective, along(1e-3, 0.0), 1e-2).verdict is Verdict.UNDECIDED


def test_pairs_over_several_blocks():
    """Only pairs that gain count: classes 0 and 1 share their logits here."""
    X, y = np.array([[0.0], [1.0], [0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 1, 2, 2])
    objective = objective_of(X, y, 3, C=np.inf, rows_per_block=2)
    V = np.array([[-1.0, -1.0, 2.0], [0.0, 0.0, 0.0]])[:, None]
    V[1, 0] = [0.5, 0.5, -1.0]
    found = separation_of(objective, V)
    assert found.verdict is Verdict.SEPARATED
    assert found.pairs == ((0, 2), (1, 2))
