import numpy as np
import pytest
from benchmarks.problem import Data, Problem, UnavailableError
from benchmarks.problems import EVERY, banking77, find
from benchmarks.problems.dense import PowerLaw
from benchmarks.problems.ill_conditioned import Decades
from benchmarks.problems.sparse import Zipf
from benchmarks.problems.sweep import Pixels
from scipy import sparse

GENERATED = [PowerLaw(3000, 12, 5, total=30.0), Decades(3000, 9, 4), Zipf(500, 200, 6, 20)]


@pytest.mark.parametrize("recipe", GENERATED, ids=lambda recipe: type(recipe).__name__)
def test_a_recipe_gives_the_same_data_each_time_in_float32_numbers(recipe):
    first, second = recipe.make(), recipe.make()
    assert (first.X != second.X).sum() == 0
    assert np.array_equal(first.y, second.y)
    assert first.X.dtype == np.float32
    assert first.shape.K == recipe.K == len(np.unique(first.y))


@pytest.mark.parametrize("recipe", GENERATED, ids=lambda recipe: type(recipe).__name__)
def test_the_labels_are_neither_noise_nor_separable(recipe):
    """Logits that spread by 2: the best fit is right more often than the largest class would be, and not always."""
    from sklearn.linear_model import LogisticRegression

    data = recipe.make()
    X = data.X if sparse.issparse(data.X) else data.X / data.X.std(axis=0)
    right = LogisticRegression(C=10.0, max_iter=300).fit(X, data.y).score(X, data.y)
    assert np.bincount(data.y).max() / len(data.y) + 0.05 < right < 0.97


def test_the_power_law_has_its_spectrum():
    X = PowerLaw(40_000, 6, 3, total=60.0).make().X.astype(float)
    found = np.linalg.eigvalsh(X.T @ X / len(X))[::-1]
    expected = 1 / np.arange(1, 7)
    assert found == pytest.approx(60 * expected / expected.sum(), rel=0.05)


def test_the_decades_are_those_of_the_columns():
    scales = Decades(5000, 7, 3, decades=6.0).make().X.std(axis=0)
    assert np.log10(scales) == pytest.approx(np.linspace(-3, 3, 7), abs=0.02)


def test_sparse_rows_have_norm_one_and_rare_columns():
    X = Zipf(2000, 500, 4, 30).make().X
    assert np.sqrt(X.multiply(X).sum(axis=1)) == pytest.approx(np.ones((2000, 1)), rel=1e-5)
    counts = np.diff(X.tocsc().indptr)
    assert counts[:20].mean() > 5 * counts[-100:].mean()
    assert 20 < X.nnz / 2000 <= 30


def test_pixels_are_exact_in_float32():
    X = Pixels().make().X
    assert X.max() == 1.0
    assert np.array_equal(X, X.astype(np.float32))


def test_every_problem_has_a_name_of_its_own_and_a_sentence():
    assert len({problem.name for problem in EVERY}) == len(EVERY)
    assert all(len(problem.recipe.about.split()) > 3 for problem in EVERY)
    assert find("dense60k").recipe == PowerLaw(60_000, 784, 10, total=100.0)


def test_quick_problems_are_smaller():
    for problem in (each for each in EVERY if isinstance(each.recipe, PowerLaw)):
        small = problem.quick()
        assert small.recipe.N < problem.recipe.N or problem.family == "scaling"
        assert small.budget <= 4.0


def test_a_sweep_has_a_piece_per_value_and_fold_and_one_per_value_on_all_rows():
    problem = Problem("p", "sweep", Pixels(), Cs=(0.1, 1.0), n_folds=5)
    data = Data(np.zeros((50, 1)), np.arange(50) % 2)
    pieces = problem.pieces(data)
    assert [piece.C for piece in pieces] == [0.1, 1.0] * 6
    assert [None if piece.rows is None else len(piece.rows) for piece in pieces] == [40] * 10 + [None] * 2
    tests = np.concatenate([test for _, test in problem.splits(data)])
    assert np.array_equal(np.sort(tests), np.arange(50))


def test_float32_asks_for_no_gap_that_its_coefficients_cannot_keep():
    assert find("iris").at("float32").targets == (1e-3, 1e-6)
    assert find("iris").at("float64").targets == (1e-3, 1e-6, 1e-9)


def test_absent_data_are_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv(banking77.VARIABLE, str(tmp_path))
    with pytest.raises(UnavailableError, match="set MULTILOGIT_BANKING77 to the folder"):
        find("banking77_tfidf").recipe.make()


def test_labels_must_all_occur():
    with pytest.raises(ValueError, match="each must occur"):
        Data(np.zeros((3, 1)), np.array([0, 2, 2]))
