import mpmath
import numpy as np
import pytest
from benchmarks import judge
from benchmarks.judge import Coefficients
from benchmarks.optimum import reference_value
from benchmarks.problem import Data, Piece
from benchmarks.problems import find
from references import load
from scipy import sparse


def test_zeros_are_worth_C_N_log_K():
    data = Data(np.ones((6, 2)), np.arange(6) % 3)
    zeros = Coefficients(np.zeros((3, 2)), np.zeros(3))
    assert judge.objective(data, Piece(0.5), zeros) == pytest.approx(0.5 * 6 * np.log(3), rel=1e-15)
    assert judge.objective(data, Piece(np.inf), zeros) == pytest.approx(6 * np.log(3), rel=1e-15)


def test_the_penalty_is_half_the_squared_weights_without_the_intercept():
    data = Data(np.zeros((2, 1)), np.array([0, 1]))
    found = Coefficients(np.array([[3.0]]), np.zeros(1))
    assert judge.objective(data, Piece(1.0), found) == pytest.approx(2 * np.log(2) + 4.5, rel=1e-15)


def test_one_row_stands_for_the_second_of_two_classes():
    data = Data(np.array([[1.0], [2.0]]), np.array([0, 1]))
    one = judge.objective(data, Piece(np.inf), Coefficients(np.array([[1.5]]), np.array([0.25])))
    two = judge.objective(data, Piece(np.inf), Coefficients(np.array([[0.0], [1.5]]), np.array([0.0, 0.25])))
    assert one == two


def test_a_loss_near_zero_keeps_its_digits():
    Z = np.array([[50.0, 0.0, 10.0], [0.0, 800.0, 0.0]])
    with mpmath.workdps(40):
        first = mpmath.log(1 + mpmath.exp(-50) + mpmath.exp(-40))
    assert judge.losses(Z, np.array([0, 0])) == pytest.approx([float(first), 800.0], rel=1e-15)


@pytest.mark.parametrize("name", ["iris", "wine", "digits", "anes96"])
def test_certified_coefficients_are_worth_the_certified_value(name):
    """Two independent ways to f*: the judge at the printed coefficients, and the printed log-likelihood."""
    reference, problem = load(name), find(name)
    rows = reference.coefficients.astype(float)
    if np.isinf(reference.C):
        rows = np.vstack([np.zeros(rows.shape[1]), rows])
    data = problem.recipe.make()
    value = judge.objective(data, Piece(problem.C), Coefficients(rows[:, :-1], rows[:, -1]))
    assert value == pytest.approx(float(reference.value), rel=1e-12)
    assert reference_value(name, data.shape.D) == pytest.approx(float(reference.value), rel=1e-14)


def test_sparse_and_dense_float32_and_float64_are_judged_alike():
    rng = np.random.default_rng(0)
    X = np.where(rng.random((50, 7)) < 0.3, rng.normal(size=(50, 7)), 0.0).astype(np.float32)
    y = np.arange(50) % 4
    found = Coefficients(rng.normal(size=(4, 7)), rng.normal(size=4))
    forms = [X, X.astype(float), sparse.csr_matrix(X), sparse.csr_matrix(X.astype(float))]
    values = [judge.objective(Data(form, y), Piece(2.0), found) for form in forms]
    assert values == pytest.approx([values[0]] * 4, rel=1e-14)


def test_the_rows_of_a_piece_alone_count():
    data = Data(np.zeros((4, 1)), np.array([0, 1, 0, 1]))
    zeros = Coefficients(np.zeros((2, 1)), np.zeros(2))
    half = judge.objective(data, Piece(1.0, np.array([0, 1])), zeros)
    assert half == judge.objective(data, Piece(1.0), zeros) / 2


def test_the_worst_piece_counts_and_absent_ones_do_not():
    data = Data(np.zeros((2, 1)), np.array([0, 1]))
    zeros = Coefficients(np.zeros((1, 1)), np.zeros(1))
    value = 2 * np.log(2)
    pieces = [Piece(1.0), Piece(1.0), Piece(1.0)]
    gap, judged = judge.worst_gap(data, pieces, [value, value / 2, value / 10], (zeros, zeros, None))
    assert (gap, judged) == (pytest.approx(1.0, rel=1e-14), 2)
    with pytest.raises(ValueError, match="one piece at least"):
        judge.worst_gap(data, pieces[:1], [value], (None,))


def test_what_is_no_number_never_counts_as_near():
    data = Data(np.zeros((2, 1)), np.array([0, 1]))
    broken = Coefficients(np.full((1, 1), np.nan), np.zeros(1))
    assert judge.worst_gap(data, [Piece(1.0)], [1.0], (broken,))[0] == np.inf
    assert judge.relative_gap(np.nan, 1.0) == np.inf
    assert judge.relative_gap(1.5, 1.0) == 0.5
