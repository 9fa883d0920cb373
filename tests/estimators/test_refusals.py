"""What cannot be fitted is refused with a sentence that names the place and the way out."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from multilogit import InputError, LogisticRegression

X = np.arange(12.0).reshape(6, 2)
y = np.array([0, 1, 0, 1, 0, 1])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_value_that_is_not_finite_is_located(bad, container):
    spoiled = X + 1.0
    spoiled[3, 1] = bad
    kind = "NaN" if np.isnan(bad) else "infinity"
    with pytest.raises(InputError, match=f"contains {kind} in row 3, column 'x1'.*Drop the row"):
        LogisticRegression().fit(container(spoiled), y)


def test_column_is_named_as_in_the_frame():
    frame = pd.DataFrame(X, columns=["age", "income"])
    frame.loc[2, "income"] = np.nan
    with pytest.raises(InputError, match="row 2, column 'income'"):
        LogisticRegression().fit(frame, y)


def test_text_is_located():
    frame = pd.DataFrame({"age": np.arange(6.0), "town": ["1", "2", "Bern", "4", "5", "6"]})
    with pytest.raises(InputError, match="Got 'Bern' in row 2, column 'town'"):
        LogisticRegression().fit(frame, y)
    model = LogisticRegression().fit(X, y)
    with pytest.raises(InputError, match="Got 'x' in row 0, column 'x1'"):
        model.predict([[1.0, "x"]])


def test_values_whose_squares_overflow():
    with pytest.raises(InputError, match=r"row 1, column 'x0'\. Divide the column"):
        LogisticRegression().fit(np.where(X == 2.0, 1e200, X), y)


def test_large_values_are_fitted():
    model = LogisticRegression(C=np.inf).fit(np.array([[1.0], [2], [3], [4], [5], [6]]) * 1e120, [0, 1, 0, 1, 0, 1])
    expected = LogisticRegression(C=np.inf).fit(np.array([[1.0], [2], [3], [4], [5], [6]]), [0, 1, 0, 1, 0, 1])
    np.testing.assert_allclose(model.coef_ * 1e120, expected.coef_, rtol=1e-12)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.zeros(6), "at least two classes. Got one class: 0.0"),
        (["a"] * 6, "at least two classes. Got one class: 'a'"),
        (np.linspace(0, 1, 6), "continuous"),
        (np.zeros((6, 3)), "one label per row"),
        (["a", None, "b", "a", "b", "a"], "Got None in row 1"),
        (np.array(["a", "b", 1, "a", "b", "a"], dtype=object), "Got 'a' in row 0 and 1 in row 2"),
        (np.arange(5) % 2, "inconsistent|same number of rows"),
        (None, "requires y"),
    ],
)
def test_target_that_cannot_be_classified(target, message):
    with pytest.raises(ValueError, match=message):
        LogisticRegression().fit(X, target)


def test_prediction_checks_too():
    model = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="2 features"):
        model.predict(X[:, :1])
    spoiled = X.copy()
    spoiled[4, 0] = np.nan
    with pytest.raises(InputError, match="row 4, column 'x0'"):
        model.predict_proba(spoiled)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"C": 0}, "C must be a number above 0, or inf. Got 0"),
        ({"C": "big"}, "C must be a number"),
        ({"C": np.nan}, "C must be a number"),
        ({"tol": -1}, "tol must be a number"),
        ({"tol": np.inf}, "tol must be a number"),
        ({"max_iter": 2.5}, "max_iter must be an integer"),
        ({"max_iter": -1}, "max_iter must be an integer"),
        ({"max_iter": True}, "max_iter must be an integer"),
        ({"l1_ratio": 0.5}, "not available yet"),
        ({"l1_ratio": 2}, "between 0 and 1"),
        ({"dual": True}, "dual must be left at False"),
        ({"intercept_scaling": 2}, "intercept_scaling must be left at 1"),
        ({"solver": "liblinear"}, "penalises the intercept"),
        ({"solver": "adam"}, "solver must be one of 'auto', 'lbfgs'"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
        ({"fit_intercept": None}, "fit_intercept must be True or False"),
        ({"warm_start": "no"}, "warm_start must be True or False"),
        ({"verbose": "x"}, "verbose must be an integer"),
        ({"random_state": "abc"}, "random_state must be None"),
    ],
)
def test_parameter_is_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        LogisticRegression(**parameters).fit(X, y)


def test_unknown_parameter_is_refused():
    with pytest.raises(TypeError, match="multi_class"):
        LogisticRegression(multi_class="multinomial")


@pytest.mark.parametrize(("penalty", "C"), [("l2", 1.0), (None, np.inf)])
def test_penalty_is_an_alias_that_warns(penalty, C):
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(40, 2))
    t = rng.integers(0, 2, 40)
    with pytest.warns(FutureWarning, match="penalty is deprecated"):
        alias = LogisticRegression(penalty=penalty).fit(Z, t)
    assert np.array_equal(alias.coef_, LogisticRegression(C=C).fit(Z, t).coef_)


def test_penalties_that_do_not_exist_yet_are_refused():
    with (
        pytest.warns(FutureWarning, match="penalty is deprecated"),
        pytest.raises(InputError, match="'l2' or None"),
    ):
        LogisticRegression(penalty="l1").fit(X, y)
