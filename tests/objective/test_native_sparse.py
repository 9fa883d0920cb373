"""The compiled sweep over CSR rows: sums, types, cuts, thread counts, levels, centring, refusals, Ctrl-C."""

import signal
import threading
from dataclasses import fields, replace
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.problems import objective_of, parameters, problem
from objective.sweeps import assert_close, assert_same_bits, largest_terms, reference_of
from scipy import sparse
from tables import PROBLEMS, STACKED

from multilogit import _kernels
from multilogit._data.memory import canonical_rows
from multilogit._objective.sums import Sums, Want

pytestmark = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")

EVERYTHING = ~Want.VALUE
SUMS = [field.name for field in fields(Sums)]
SWEPT = EVERYTHING & ~(Want.GRAM | Want.HESSIAN)
TABLE = PROBLEMS | STACKED
LEVELS = _kernels.native.levels() if _kernels.native else []
# Of the largest entry: sums of N rows and of the nonzeros of a row are added in another order than SciPy's.
ROUNDING = 64 * np.finfo(np.float64).eps


@pytest.fixture(params=LEVELS)
def level(request):
    """Run the kernels of one level."""
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield request.param
    _kernels.native.select_level(before)


def random_rows(N, D, per_row, *, seed=0, dtype=np.float64, full=0, far=0.0):
    """Return CSR rows; the first columns are filled in `full` of them, and lie at `far`."""
    rng = np.random.default_rng([seed, N, D])
    X = sparse.random_array((N, D), density=min(per_row / D, 1.0), rng=rng, format="csr", dtype=np.float64)
    if full:
        X = sparse.hstack([sparse.csr_array(far + rng.normal(size=(N, full))), X[:, full:]], format="csr")
    return canonical_rows(X.astype(dtype))


def objective_over(X, K, *, fold=None, n_threads=1, **arguments):
    """Return the objective of random labels, every class among them."""
    labels = np.random.default_rng(0).permutation(np.arange(X.shape[0]) % K)
    if fold is None:
        return replace(objective_of(X, labels, K, **arguments), n_threads=n_threads)
    weight = arguments.pop("weight")
    whole = objective_of(X, labels, K, weight=weight[:, fold], **arguments)
    return replace(whole, source=replace(whole.source, weight=weight), fold=fold)


@pytest.mark.parametrize("arguments", TABLE.values(), ids=list(TABLE))
@pytest.mark.parametrize("N", [37, 600])
def test_every_sum_equals_the_reference(arguments, N, level):
    objective = problem(**(arguments | {"source": "CSR"}), N=N)
    theta, V = parameters(objective), parameters(objective, seed=1)
    truth = reference_of(objective)
    assert objective.native.sparse
    assert_close(objective.evaluate(theta, SWEPT), truth.evaluate(theta, SWEPT), ROUNDING)
    ours, theirs = objective.hvp(theta, V), truth.hvp(theta, V)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=ROUNDING * np.abs(theirs).max())


@settings(max_examples=80, deadline=None)
@given(
    N=st.sampled_from([1, 15, 16, 17, 255, 256, 257, 511, 513]),
    D=st.sampled_from([1, 2, 7, 33, 300]),
    K=st.sampled_from([2, 3, 4, 5, 9, 17, 77]),
    R=st.sampled_from([1, 2, 3]),
    density=st.sampled_from([0.0, 0.02, 0.3, 1.0]),
    dtype=st.sampled_from([np.float32, np.float64]),
    index=st.sampled_from([np.int32, np.int64]),
    data=st.data(),
)
def test_shapes_and_types(N, D, K, R, density, dtype, index, data):
    rng = np.random.default_rng([N, D, K])
    X = sparse.random_array((N, D), density=density, rng=rng, format="csr", dtype=np.float64).astype(dtype)
    X.indptr, X.indices = X.indptr.astype(index), X.indices.astype(index)
    labels = rng.integers(0, K, N)
    weighted, soft, shifted = (data.draw(st.booleans(), label) for label in ("weighted", "soft", "offset"))
    C = rng.uniform(0.1, 2.0, R)
    objective = objective_of(
        X,
        rng.dirichlet(np.ones(K), N) if soft else labels,
        K,
        C=C,
        weight=rng.choice([0.0, 1.0, 2.5], (N, R)) + (np.arange(N) == 0)[:, None] if weighted else None,
        offset=rng.normal(size=(N, K)) if shifted else None,
        fit_intercept=data.draw(st.booleans(), "intercept"),
    )
    theta, V = parameters(objective), parameters(objective, seed=1)
    truth = reference_of(objective)
    rounding = ROUNDING * (1.0 + largest_terms(objective, theta) / 16.0)
    # One feature of two classes: nothing but its own terms tells how far they cancel. A residual is 1/2 or so.
    terms = C.min() * abs(X).sum(axis=0).max() / 2 if D and not weighted else 0.0
    assert_close(objective.evaluate(theta, SWEPT), truth.evaluate(theta, SWEPT), rounding, terms)
    ours, theirs = objective.hvp(theta, V), truth.hvp(theta, V)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding * np.abs(theirs).max())


# Each shape is cut in its own way: gradients of segments that are merged; ranges of columns; several blocks of rows.
CUTS = {
    "merged": (6000, 50, 8, 5),
    "merged, binary": (9000, 2000, 30, 2),
    "ranges": (4000, 9000, 20, 8),
    "ranges, blocks": (15000, 1000, 5, 77),
}


@pytest.mark.parametrize("shape", CUTS.values(), ids=list(CUTS))
def test_the_same_bits_for_any_number_of_threads_and_on_every_call(shape):
    N, D, per_row, K = shape
    objective = objective_over(random_rows(N, D, per_row), K)
    theta, V = parameters(objective), parameters(objective, seed=1)
    sums, product = objective.evaluate(theta, SWEPT), objective.hvp(theta, V)
    assert_close(sums, reference_of(objective).evaluate(theta, SWEPT), 4 * ROUNDING)
    for n_threads in (2, 3, 8):
        other = replace(objective, n_threads=n_threads)
        other.evaluate(V, SWEPT)  # leaves its numbers in the memory that the next sweep uses
        assert_same_bits(other.evaluate(theta, SWEPT), sums)
        np.testing.assert_array_equal(other.hvp(theta, V), product)


@pytest.mark.parametrize("shape", [CUTS["merged"], CUTS["ranges"]], ids=["merged", "ranges"])
def test_sums_are_the_same_whatever_is_wanted_besides(shape):
    N, D, per_row, K = shape
    objective = objective_over(random_rows(N, D, per_row), K)
    theta = parameters(objective)
    everything = objective.evaluate(theta, SWEPT)
    for want in (Want.VALUE, Want.GRADIENT, Want.CLASS_SUMS, Want.CLASS_CURVATURE, Want.MARGIN, Want.DIAGONAL):
        alone = objective.evaluate(theta, want)
        whole = replace(everything, **{name: None for name in SUMS if getattr(alone, name) is None})
        assert_close(alone, whole, ROUNDING)
        np.testing.assert_array_equal(alone.value, objective.evaluate(theta, Want.VALUE).value)


def test_callers_on_several_python_threads_do_not_meet():
    objective = objective_over(random_rows(3000, 9000, 20), 8, n_threads=2)
    thetas = [parameters(objective, seed=seed) for seed in range(4)]
    alone = [objective.evaluate(theta, SWEPT) for theta in thetas]
    found = [None] * len(thetas)

    def run(index):
        for _ in range(5):
            found[index] = objective.evaluate(thetas[index], SWEPT)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(thetas))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ours, expected in zip(found, alone, strict=True):
        assert_same_bits(ours, expected)


@pytest.mark.parametrize("K", [2, 5])
def test_problems_share_the_columns_of_weights(K):
    X = random_rows(500, 40, 6)
    weight = np.random.default_rng(0).choice([0.0, 1.0], (500, 2)) + (np.arange(500) < 2 * K)[:, None]
    fold = np.array([0, 1, 1, 0])
    stacked = objective_over(X, K, C=(1.0, 2.0, 0.5, 4.0), weight=weight, fold=fold)
    whole = objective_over(X, K, C=(1.0, 2.0, 0.5, 4.0), weight=weight[:, fold])
    theta = parameters(stacked)
    assert_same_bits(stacked.evaluate(theta, SWEPT), whole.evaluate(theta, SWEPT))


@pytest.mark.parametrize("K", [2, 5])
def test_values_and_indices_of_every_type_give_the_same_bits(K, level):
    single = random_rows(700, 60, 8, dtype=np.float32)
    theta = parameters(objective_over(single, K))
    expected = objective_over(single, K).evaluate(theta, SWEPT)
    double, long = single.astype(np.float64), single.copy()
    long.indptr, long.indices = long.indptr.astype(np.int64), long.indices.astype(np.int64)
    assert single.indices.dtype == np.int32
    for X in (double, long, long.astype(np.float64)):
        objective = objective_over(X, K)
        assert objective.source.X.indices.dtype == X.indices.dtype
        assert_same_bits(objective.evaluate(theta, SWEPT), expected)


def test_gram_and_hessian_are_left_to_the_reference():
    objective = objective_over(random_rows(100, 5, 2), 3)
    theta = parameters(objective)
    assert not objective.native.serves(Want.GRAM)
    assert_same_bits(objective.evaluate(theta, EVERYTHING), reference_of(objective).evaluate(theta, EVERYTHING))


# A column without zeros far away: its centre must be subtracted before anything is multiplied.  The dense reference
# subtracts it exactly; 2^-53 of its distance is what any column keeps.
@pytest.mark.parametrize("far", [0.0, 3.0, 8.5e8])
def test_a_column_without_zeros_is_centred_without_loss(far):
    X = random_rows(600, 40, 5, full=3, far=far)
    objective = objective_over(X, 4)
    theta, V = parameters(objective), parameters(objective, seed=1)
    dense = objective_over(X.toarray(), 4)
    np.testing.assert_array_equal(objective.source.centre[3:], 0.0)
    dense = reference_of(replace(dense, source=replace(dense.source, centre=objective.source.centre)))
    assert_close(objective.evaluate(theta, SWEPT), dense.evaluate(theta, SWEPT), ROUNDING)
    truth = dense.hvp(theta, V)
    np.testing.assert_allclose(objective.hvp(theta, V), truth, rtol=0, atol=ROUNDING * np.abs(truth).max())


# One zero among N values near c spreads the column by c / sqrt(N): centring such a column afterwards loses no more
# than the digits of sqrt(N) in units of its spread.
def test_a_column_with_few_zeros_loses_few_digits():
    N = 4096
    X = random_rows(N, 40, 5, full=1, far=8.5e8).tolil()
    X[7, 0] = 0.0
    X = canonical_rows(X.tocsr())
    assert np.count_nonzero(X[:, [0]].toarray()) == N - 1
    objective = objective_over(X, 3)
    dense = objective_over(X.toarray(), 3)
    dense = reference_of(replace(dense, source=replace(dense.source, centre=objective.source.centre)))
    scale = np.ones(objective.layout.n_rows)
    scale[0] = 8.5e8 / np.sqrt(N)
    theta = parameters(objective) / scale[:, None, None]
    ours, truth = objective.evaluate(theta, SWEPT), dense.evaluate(theta, SWEPT)
    np.testing.assert_allclose(ours.value, truth.value, rtol=ROUNDING * np.sqrt(N))
    size = np.sqrt(N) * np.abs(truth.gradient / scale[:, None, None]).max()
    error = np.abs(ours.gradient - truth.gradient) / scale[:, None, None]
    assert error.max() <= ROUNDING * size


def shuffled_and_doubled(X, seed=0):
    """Return the same rows with columns out of order and every entry split in two."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    order = np.lexsort((rng.random(2 * X.nnz), np.tile(rows, 2)))
    data = np.concatenate([0.25 * X.data, 0.75 * X.data])[order]
    return sparse.csr_array((data, np.tile(X.indices, 2)[order], 2 * X.indptr), shape=X.shape)


def test_rows_out_of_order_are_sorted_in_a_copy():
    X = random_rows(300, 50, 6)
    wild = shuffled_and_doubled(X)
    indices, values = wild.indices.copy(), wild.data.copy()
    assert not wild.has_canonical_format
    objective, other = objective_over(X, 3), objective_over(wild, 3)
    theta = parameters(objective)
    assert_close(other.evaluate(theta, SWEPT), objective.evaluate(theta, SWEPT), ROUNDING)
    assert_close(reference_of(other).evaluate(theta, SWEPT), objective.evaluate(theta, SWEPT), ROUNDING)
    np.testing.assert_array_equal(wild.indices, indices)
    np.testing.assert_array_equal(wild.data, values)
    assert np.shares_memory(objective.source.X.data, X.data)


def test_columns_are_selected_in_any_order():
    objective = objective_over(random_rows(300, 50, 6), 3)
    chosen = np.array([7, 3, 40, 12])
    source = objective.source.select(chosen)
    smaller = replace(objective, source=source, layout=replace(objective.layout, n_features=4))
    smaller = replace(smaller, penalty=replace(objective.penalty, strength=objective.penalty.strength[chosen]))
    theta = parameters(smaller)
    assert_close(smaller.evaluate(theta, SWEPT), reference_of(smaller).evaluate(theta, SWEPT), ROUNDING)


def test_storage_behind_the_last_row_and_with_steps_is_read_rightly():
    X = random_rows(200, 30, 4)
    tail = np.full(5, 29, X.indices.dtype)
    longer = sparse.csr_array(X.shape)
    longer.data = np.repeat(np.append(X.data, np.full(5, 1e300)), 2)[::2]
    longer.indices, longer.indptr = np.append(X.indices, tail), X.indptr.astype(np.int64)
    theta = parameters(objective_over(X, 3))
    ours, expected = (replace(objective_over(X, 3)) for _ in range(2))
    ours = replace(ours, source=replace(ours.source, X=longer))
    assert_same_bits(ours.evaluate(theta, SWEPT), expected.evaluate(theta, SWEPT))


WRONG = {
    "columns of a row out of order": ([0, 2], [1, 0], r"must increase.*Row 0 has 0 after 1"),
    "a column twice": ([0, 0, 2], [1, 1], r"must increase.*Row 1 has 1 after 1"),
    "a column beyond the last": ([0, 1], [3], r"lie in \[0, 3\)\. Row 0 has 3"),
    "a negative column": ([0, 1], [-1], r"Row 0 has -1"),
    "rows that decrease": ([0, 2, 1], [0, 1], r"indptr must increase from 0 to the number of stored values"),
    "rows from one": ([1, 2], [0, 1], r"indptr must increase from 0"),
    "values left over": ([0, 1], [0, 1], r"number of stored values"),
}


@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize(("indptr", "indices", "sentence"), WRONG.values(), ids=list(WRONG))
def test_indices_that_would_leave_the_arrays_are_refused(indptr, indices, sentence, index):
    N, K = len(indptr) - 1, 2
    with pytest.raises(ValueError, match=sentence):
        _kernels.native.Sparse(
            np.array(indptr, index), np.array(indices, index), np.ones(len(indices)), np.zeros(3),
            np.zeros(N, np.int64), None, None, np.ones((N, 1)), np.zeros(1, np.int32), np.ones(1),
            np.ones((1, K), bool), True,
        )  # fmt: skip


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer")
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("K", [2, 40])
def test_ctrl_c_is_answered(n_threads, K):
    """So many problems that one call takes seconds: it ends within a fraction of them."""
    R = 24 if K > 2 else 300
    objective = objective_over(random_rows(20_000, 500, 40), K, C=np.ones(R), n_threads=n_threads)
    theta = parameters(objective)

    def answer(number, frame):
        raise KeyboardInterrupt

    started = perf_counter()
    objective.native.product(theta, theta)
    whole = perf_counter() - started
    before = signal.signal(signal.SIGALRM, answer)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        started = perf_counter()
        with pytest.raises(KeyboardInterrupt):
            objective.native.product(theta, theta)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert perf_counter() - started < max(0.5 * whole, 0.3)
    objective.native.product(theta, theta)
