"""The compiled double-double gradient: the same for every representation of the data, any threads and any core."""

import signal
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.problems import objective_of, parameters, problem
from objective.test_exact_gradient import LEVELS, assert_exact, bound, gradient, sizes  # noqa: F401
from scipy import sparse
from tables import PROBLEMS

from multilogit import _kernels
from multilogit._objective.exact_gradient import exact_gradient, reference_gradient

pytestmark = pytest.mark.skipif(_kernels.native is None, reason="the compiled kernels are not in use")


@pytest.fixture(params=LEVELS)
def level(request):
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield request.param
    _kernels.native.select_level(before)


def with_rows(objective, X):
    return replace(objective, source=replace(objective.source, X=X))


def assert_equals_reference(objective, theta):
    """To one rounding of each, and the reference's bound."""
    ours, theirs = exact_gradient(objective, theta)[:, 0], reference_gradient(objective, theta)[:, 0]
    allowed = 2.0**-52 * np.abs(theirs) + bound(objective, theta, reference_gradient)
    assert (np.abs(ours - theirs) <= allowed).all()


@pytest.mark.parametrize("name", PROBLEMS)
def test_equals_the_reference(level, name):
    objective = problem(**PROBLEMS[name], N=301)
    assert_equals_reference(objective, parameters(objective))


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "every other column": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "every other row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "backwards": lambda X: np.ascontiguousarray(X[::-1, ::-1])[::-1, ::-1],
    "read only": lambda X: np.frombuffer(X.tobytes()).reshape(X.shape),
    "big endian": lambda X: X.astype(">f8"),
    "a field of records": lambda X: records(X)["x"],
}


def records(X):
    """Return X as one field of packed records, whose steps are no multiple of eight bytes."""
    rows = np.zeros(len(X), dtype=[("x", np.float64, X.shape[1]), ("tail", np.int32)])
    rows["x"] = X
    return rows


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_bits_for_any_layout(level, layout):
    objective = problem(K=3, D=11, N=70)
    theta = parameters(objective)
    other = with_rows(objective, LAYOUTS[layout](objective.source.X))
    np.testing.assert_array_equal(exact_gradient(other, theta), exact_gradient(objective, theta))


@pytest.mark.parametrize("layout", ["C order", "Fortran order"])
def test_float32_is_widened_exactly(level, layout):
    objective = problem(K=3, D=5, N=70)
    single = objective.source.X.astype(np.float32, order=layout[0])
    theta = parameters(objective)
    wide = with_rows(objective, single.astype(np.float64))
    np.testing.assert_array_equal(exact_gradient(with_rows(objective, single), theta), exact_gradient(wide, theta))


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_other_types_are_converted(dtype):
    objective = problem(K=3, D=5, N=70)
    other = with_rows(objective, objective.source.X.astype(dtype))
    theta = parameters(objective)
    wide = with_rows(objective, objective.source.X.astype(dtype).astype(np.float64))
    np.testing.assert_array_equal(exact_gradient(other, theta), exact_gradient(wide, theta))


def test_layouts_of_the_other_arrays(level):
    """Masses, offsets and parameters of any strides; labels of any integers."""
    objective = problem(**PROBLEMS["five classes, all at once"])
    theta, source = parameters(objective), objective.source
    other = replace(source, targets=np.asfortranarray(source.targets), offset=source.offset[:, ::-1].copy()[:, ::-1])
    expected = exact_gradient(objective, theta)
    np.testing.assert_array_equal(exact_gradient(replace(objective, source=other), np.asfortranarray(theta)), expected)
    labelled = problem(K=5)
    narrow = replace(labelled.source, targets=labelled.source.targets.astype(np.uint8))
    np.testing.assert_array_equal(
        exact_gradient(replace(labelled, source=narrow), theta), exact_gradient(labelled, theta)
    )


@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("K", [2, 3, 10, 17])
def test_sparse_rows_are_the_same_rows(level, index, dtype, K):
    """Of two columns more than half are filled, so that these are centred; indices in any order, zeros stored."""
    rng = np.random.default_rng(K)
    X = rng.normal(size=(300, 40)).astype(dtype)
    X[rng.random(X.shape) < 0.9] = 0
    X[:, 3] = 7 + rng.random(300)
    X[:, 5] = -1
    rows = sparse.csr_array(X)
    rows.data[::7] = 0
    X = rows.toarray()
    for i in range(300):
        span = slice(rows.indptr[i], rows.indptr[i + 1])
        order = rng.permutation(span.stop - span.start)
        rows.indices[span], rows.data[span] = rows.indices[span][order], rows.data[span][order]
    rows.indices, rows.indptr = rows.indices.astype(index), rows.indptr.astype(index)
    objective = objective_of(rows, np.arange(300) % K, K, offset=rng.normal(size=(300, K)))
    assert objective.source.centre[3] > 7
    theta = parameters(objective, 0.3)
    assert_equals_reference(objective, theta)
    full = with_rows(objective, X)
    difference = np.abs(exact_gradient(objective, theta) - exact_gradient(full, theta))[:, 0]
    assert (difference <= 2.0**-52 * np.abs(exact_gradient(full, theta)[:, 0]) + 2.0**-90 * sizes(full, theta)).all()


def test_sparse_rows_against_mpmath(level):
    objective = problem(K=3, D=6, N=40, source="CSR", weighted=True)
    assert_exact(exact_gradient, objective, parameters(objective))


@pytest.mark.parametrize(
    ("shape", "K", "source"),
    [((20_000, 3), 3, "C"), ((3_000, 70), 2, "C"), ((2_000, 64), 12, "C"), ((5_000, 300), 4, "S")],
)
def test_the_same_bits_for_any_number_of_threads(level, shape, K, source):
    """Several chunks each; twice, because threads meet in another order every time."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=shape) if source == "C" else sparse.random_array(shape, density=0.05, rng=rng, format="csr")
    objective = objective_of(X, np.arange(shape[0]) % K, K)
    theta = parameters(objective, 0.1)
    expected = exact_gradient(objective, theta)
    for n_threads in (2, 3, 7, 7):
        np.testing.assert_array_equal(exact_gradient(replace(objective, n_threads=n_threads), theta), expected)


@pytest.mark.parametrize("N", [0, 1, 7, 8, 9, 255, 256, 257, 513])
@pytest.mark.parametrize("source", ["C order", "CSR"])
def test_numbers_of_rows_around_the_edges_of_tiles(level, N, source):
    objective = problem(K=3, D=2, N=600, source=source)
    part = replace(
        objective.source,
        X=objective.source.X[:N],
        targets=objective.source.targets[:N],
        weight=objective.source.weight[:N],
    )
    objective = replace(objective, source=part)
    assert_equals_reference(objective, parameters(objective))


@settings(deadline=None, max_examples=60)
@given(
    N=st.integers(21, 90),  # of fewer, all weights may be zero, which fits refuse
    D=st.integers(1, 70),
    K=st.integers(2, 21),
    options=st.fixed_dictionaries(
        {
            "weighted": st.booleans(),
            "soft": st.booleans(),
            "offset": st.booleans(),
            "fit_intercept": st.booleans(),
            "source": st.sampled_from(["C order", "Fortran order", "strided", "CSR"]),
        }
    ),
    out_of_play=st.booleans(),
    which=st.sampled_from(LEVELS or ["none"]),
    scale=st.sampled_from([0.0, 1e-3, 1.0, 30.0]),
)
def test_equals_the_reference_for_any_problem(N, D, K, options, out_of_play, which, scale):
    mask = None
    if out_of_play and K > 2:
        mask = np.ones((1, K), bool)
        mask[0, N % K] = False
    before = _kernels.native.level()
    _kernels.native.select_level(which)
    try:
        objective = problem(K=K, D=D, N=N, mask=mask, **options)
        assert_equals_reference(objective, parameters(objective, scale))
    finally:
        _kernels.native.select_level(before)


def test_memory_is_not_read_beyond_the_matrix():
    rows = sparse.csr_array(np.eye(4))
    objective = objective_of(rows, np.arange(4) % 2, 2)
    theta = parameters(objective)
    rows.indices[2] = 4
    with pytest.raises(ValueError, match="out of range"):
        exact_gradient(objective, theta)
    rows.indices[2], rows.indptr[2] = 2, 9
    with pytest.raises(ValueError, match="indptr"):
        exact_gradient(objective, theta)
    rows.indptr[2], rows.indptr[4] = 2, 99
    with pytest.raises(ValueError, match="indptr"):
        exact_gradient(objective, theta)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_signal_is_answered(n_threads):
    """A gradient of about a second, of one row that stands for a million."""

    class SignalError(Exception):
        pass

    def interrupt(*_):
        raise SignalError

    N = 1_000_000
    objective = objective_of(np.ones((4, 60)), np.arange(4) % 10, 10)
    source = replace(
        objective.source,
        X=np.broadcast_to(np.ones(60), (N, 60)),
        targets=np.zeros(N, dtype=np.int64),
        weight=np.broadcast_to(np.ones((1, 1)), (N, 1)),
    )
    objective = replace(objective, source=source, n_threads=n_threads)
    before = signal.signal(signal.SIGALRM, interrupt)
    start = time.perf_counter()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(SignalError):
            exact_gradient(objective, parameters(objective))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert time.perf_counter() - start < 0.3
