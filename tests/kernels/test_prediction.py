"""The predictor: its formula, the compiled one against the reference, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit import _kernels
from multilogit._kernels.prediction import Predictor

KINDS = [Predictor] if _kernels.native is None else [Predictor, _kernels.native.Predictor]
ANSWERS = ("scores", "softmax", "log_softmax", "argmax")


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__module__.split(".")[-1])
def kind(request):
    return request.param


def arrays(M, D, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    coef, intercept = rng.normal(size=(M, D)).astype(dtype), rng.normal(size=M).astype(dtype)
    return coef, intercept, 3.0 + rng.normal(size=D), rng.normal(size=M)


def ask(predictor, answer, X, M, n_threads=1):
    """Return (the answer, whether all was tame)."""
    shape = {"scores": (len(X), M), "argmax": (len(X),)}.get(answer, (len(X), max(M, 2)))
    out = np.empty(shape, np.intp if answer == "argmax" else X.dtype)
    return out, predictor.fill(answer, X, out, n_threads)


def test_by_hand(kind):
    """(x - c) w + b = (3 - 1) 2 + (5 - 5) 7 - 1 = 3 beside the reference's 0."""
    predictor = kind(np.array([[2.0, 7.0]]), np.zeros(1), np.array([1.0, 5.0]), np.array([-1.0]))
    X = np.array([[3.0, 5.0]])
    assert ask(predictor, "scores", X, 1)[0].tolist() == [[3.0]]
    assert ask(predictor, "argmax", X, 1)[0].tolist() == [1]
    e = np.exp(3.0)
    np.testing.assert_allclose(ask(predictor, "softmax", X, 1)[0], [[1 / (1 + e), e / (1 + e)]], rtol=1e-15)
    expected = [[-np.log1p(e), -np.log1p(1 / e)]]
    np.testing.assert_allclose(ask(predictor, "log_softmax", X, 1)[0], expected, rtol=1e-15)


@pytest.mark.skipif(len(KINDS) == 1, reason="the compiled kernels are not built")
@given(
    N=st.integers(1, 300),
    D=st.integers(1, 70),
    M=st.sampled_from([1, 3, 4, 7, 20]),
    dtype=st.sampled_from([np.float64, np.float32]),
    stored=st.sampled_from([np.float64, np.float32]),
    layout=st.sampled_from(["C", "F", "strided", "backwards"]),
)
def test_native_is_the_reference(N, D, M, dtype, stored, layout):
    given_arrays = arrays(M, D, N, stored)
    X = np.random.default_rng(D).normal(size=(N, D)).astype(dtype)
    layouts = {
        "C": X,
        "F": np.asfortranarray(X),
        "strided": np.repeat(X, 3, axis=1)[:, ::3],
        "backwards": X[::-1, ::-1],
    }
    X = layouts[layout]
    native, reference = (each(*given_arrays) for each in reversed(KINDS))
    ours, theirs = (ask(each, "scores", X, M) for each in (native, reference))
    coef, _, centre, intercept = given_arrays
    size = np.abs(X - centre) @ np.abs(coef.T.astype(np.float64)) + np.abs(intercept)
    bound = (D + 2) * np.finfo(np.float64).eps * size + np.spacing(np.abs(theirs[0]))
    assert (np.abs(ours[0].astype(np.float64) - theirs[0]) <= bound).all()
    assert ours[1] is theirs[1] is True


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("M", [1, 5])
def test_every_answer_follows_from_the_scores(kind, M, dtype):
    predictor, X = kind(*arrays(M, 6)), np.random.default_rng(1).normal(size=(50, 6)).astype(dtype)
    scores = ask(predictor, "scores", X, M)[0]
    logits = np.hstack([np.zeros_like(scores), scores]) if M == 1 else scores
    assert np.array_equal(ask(predictor, "softmax", X, M)[0], _kernels.softmax(logits))
    assert np.array_equal(ask(predictor, "log_softmax", X, M)[0], _kernels.log_softmax(logits))
    assert np.array_equal(ask(predictor, "argmax", X, M)[0], logits.argmax(axis=1))


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 16), (40, 3), (299, 8)])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e101])
def test_a_value_that_is_not_tame_is_seen_wherever_it_is(kind, answer, dtype, row, column, bad):
    predictor, X = kind(*arrays(3, 17)), np.ones((300, 17), dtype)
    assert ask(predictor, answer, X, 3)[1] is True
    with np.errstate(over="ignore"):
        X[row, column] = bad
    with np.errstate(invalid="ignore"):
        assert ask(predictor, answer, X, 3)[1] is False


def test_a_score_beyond_its_type_is_seen(kind):
    coef, intercept, centre, _ = arrays(3, 2)
    predictor = kind(coef * 1e5, intercept, centre, np.array([0.0, 0.0, -np.inf]))
    assert ask(predictor, "scores", np.ones((4, 2), np.float32), 3)[1] is True  # -inf: a class out of play
    assert ask(predictor, "scores", np.full((4, 2), 3e38, np.float32), 3)[1] is False
    assert ask(predictor, "scores", np.full((4, 2), 3e38), 3)[1] is True


def test_it_holds_the_same_bits_only(kind):
    given_arrays = arrays(3, 4, dtype=np.float32)
    predictor = kind(*given_arrays)
    assert predictor.holds(*(array.copy() for array in given_arrays))
    for position, array in enumerate(given_arrays):
        others = [
            np.nextafter(array, np.float32(9)),
            array.astype(np.longdouble),
            array[:1],
            array[None],
            array.tolist(),
            None,
            array.view(np.int32),
            array.astype(array.dtype.newbyteorder()),
        ]
        for other in others:
            now = list(given_arrays)
            now[position] = other
            assert not predictor.holds(*now)


@pytest.mark.skipif(len(KINDS) == 1, reason="the compiled kernels are not built")
def test_native_refuses_what_does_not_fit():
    native, X = KINDS[1](*arrays(3, 4)), np.ones((5, 4))
    for X_, out in [
        (np.ones((5, 3)), np.empty((5, 3))),
        (X, np.empty((4, 3))),
        (X, np.empty((5, 3), np.float32)),
        (X.astype(np.float32), np.empty((5, 3))),
        (np.ones((5, 4), int), np.empty((5, 3), int)),
    ]:
        with pytest.raises(ValueError, match="must"):
            native.fill("softmax", X_, out, 1)
    with pytest.raises(ValueError, match="answer must be"):
        native.fill("proba", X, np.empty((5, 3)), 1)
    with pytest.raises(TypeError):
        native.fill("softmax", X, np.empty((3, 5)).T, 1)
    coef, intercept, centre, centred = arrays(3, 4)
    for wrong in [
        (coef[0], intercept, centre, centred),
        (coef, intercept, centre[:3], centred),
        (coef, intercept, centre, centred[:2]),
        (coef, intercept, centre.astype(np.float32), centred),
        (coef.astype(int), intercept, centre, centred),
        (coef[:, :0], intercept, centre[:0], centred),
    ]:
        with pytest.raises(ValueError, match="must"):
            KINDS[1](*wrong)
