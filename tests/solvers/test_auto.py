"""The rules that choose: by size and penalty, and by the user's word."""

import numpy as np
import pytest
from scipy import sparse

from multilogit._data.memory import MemorySource
from multilogit._objective.layout import Layout
from multilogit._objective.penalty import L2
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers import auto


def shaped(N, D, K, *, penalised=True, is_sparse=False, strength=1.0):
    """Return an objective of that shape over data that take no memory."""
    X = sparse.csr_array((N, D)) if is_sparse else np.broadcast_to(0.0, (N, D))
    weight = np.broadcast_to(1.0, (N, 1))
    source = MemorySource(X, np.broadcast_to(0, (N,)), weight, None, np.zeros(D), 2048)
    layout = Layout(D, K, np.ones((1, K), bool))
    return SoftmaxRegression(source, layout, L2(np.full((D, 1), strength if penalised else 0.0)), np.ones(1))


@pytest.mark.parametrize(
    ("shape", "penalised", "expected"),
    [
        ((150, 4, 3), True, "newton-cholesky"),
        ((569, 30, 2), True, "newton-cholesky"),
        ((1797, 64, 10), True, "lbfgs"),  # 45 * 1797 * 65^2 + 650^3 = 6e8
        ((1797, 64, 10), False, "newton-cholesky"),
        ((1_000_000, 20, 2), True, "newton-cholesky"),  # 4.4e8 against 5 * 4 * 21 * 1e6 + 4e7 = 4.6e8
        ((1_000_000, 21, 2), True, "lbfgs"),  # 4.84e8 against 4.8e8
        ((100, 5000, 2), True, "lbfgs"),
        ((10_000, 5000, 10), False, "lbfgs"),
    ],
)
def test_choice_by_size(shape, penalised, expected):
    objective = shaped(*shape, penalised=penalised)
    for requested in ("auto", "sag", "saga", "newton-something"):
        assert auto.choose(objective, requested).name == expected


def test_a_stack_asks_for_newton_less_often():
    """45 * 500 * 21^2 + 210^3 = 1.9e7 operations: gradients share their sweeps, Hessians do not."""
    assert auto.choose(shaped(500, 20, 10), "auto").name == "newton-cholesky"
    assert auto.choose(shaped(500, 20, 10), "stacked").name == "lbfgs"
    assert auto.choose(shaped(500, 10, 10), "stacked").name == "newton-cholesky"


@pytest.mark.parametrize("name", auto.METHODS)
def test_a_method_that_is_named_runs(name):
    assert auto.choose(shaped(1797, 64, 10), name).name == name


def test_what_is_affordable():
    assert auto.factor_affordable(shaped(1797, 64, 10))
    assert not auto.factor_affordable(shaped(100_000, 400, 2))  # 1e5 * 401^2 = 1.6e10
    assert auto.factor_affordable(shaped(100_000, 400, 2, penalised=False))
    assert not auto.factor_affordable(shaped(100, 3000, 2))
    assert auto.polish_affordable(shaped(1797, 64, 10))
    assert not auto.polish_affordable(shaped(1_000_000, 64, 10))
    assert auto.rank_affordable(shaped(1797, 64, 10))
    assert not auto.rank_affordable(shaped(1_000_000, 100, 2))
    assert auto.rank_affordable(shaped(1_000_000, 100, 2, penalised=False))


def test_the_row_space_pays_for_dense_wide_data_of_one_strength():
    assert auto.row_space_pays(shaped(20, 150, 3))
    assert not auto.row_space_pays(shaped(150, 150, 3))
    assert not auto.row_space_pays(shaped(20, 150, 3, penalised=False))
    assert not auto.row_space_pays(shaped(20, 150, 3, is_sparse=True))
    assert not auto.row_space_pays(shaped(6000, 7000, 3))
    assert not auto.row_space_pays(shaped(20, 150, 3, strength=np.arange(1.0, 151.0)[:, None]))
