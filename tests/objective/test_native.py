"""The compiled sweep against the reference: layouts, types, chunk edges, thread counts, levels, stacked problems."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.problems import objective_of, one_of, parameters, problem
from objective.sweeps import assert_close, assert_same_bits, largest_terms, reference_of
from tables import PROBLEMS, SOURCES, STACKED

from multilogit import _kernels
from multilogit._objective.sums import Want

pytestmark = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")

EVERYTHING = ~Want.VALUE
DENSE = {
    name: arguments for name, arguments in (PROBLEMS | STACKED).items() if arguments.get("source", "C order") != "CSR"
}
LEVELS = _kernels.native.levels() if _kernels.native else []
# Of the largest entry: sums of N rows and dot products of D terms are added in another order than NumPy's.
ROUNDING = 64 * np.finfo(np.float64).eps
SINGLE_ROUNDING = 64 * np.finfo(np.float32).eps


@pytest.fixture(params=LEVELS)
def level(request):
    """Run the kernels of one level."""
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield request.param
    _kernels.native.select_level(before)


@pytest.mark.parametrize("arguments", DENSE.values(), ids=list(DENSE))
@pytest.mark.parametrize("N", [37, 600])
def test_every_sum_equals_the_reference(arguments, N, level):
    objective = problem(**arguments, N=N)
    theta = parameters(objective)
    assert objective.native is not None
    truth = reference_of(objective)
    assert_close(objective.evaluate(theta, EVERYTHING), truth.evaluate(theta, EVERYTHING), ROUNDING)
    V = parameters(objective, seed=1)
    ours, theirs = objective.hvp(theta, V), truth.hvp(theta, V)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=ROUNDING * np.abs(theirs).max())


@settings(max_examples=80, deadline=None)
@given(
    N=st.sampled_from([1, 15, 16, 17, 255, 256, 257, 511, 512, 513, 1025]),
    D=st.sampled_from([1, 2, 7, 8, 9, 16, 17, 33, 70]),
    K=st.sampled_from([2, 3, 4, 7, 10, 17]),
    R=st.sampled_from([1, 2]),
    source=st.sampled_from(["C order", "Fortran order", "strided"]),
    dtype=st.sampled_from([np.float32, np.float64]),
    data=st.data(),
)
def test_shapes_layouts_and_types(N, D, K, R, source, dtype, data):
    soft, weighted, offset = (data.draw(st.booleans(), label=name) for name in ("soft", "weighted", "offset"))
    weighted &= N > 1  # a single row without weight is no problem at all
    objective = problem(K=K, D=D, N=N, C=(np.inf,) * R, soft=soft, weighted=weighted, offset=offset, source=source)
    objective = replace(objective, source=replace(objective.source, X=objective.source.X.astype(dtype)))
    theta = parameters(objective) / np.sqrt(D)
    want = Want.GRADIENT | Want.CLASS_SUMS | Want.CLASS_CURVATURE | Want.MARGIN | Want.GRAM | Want.DIAGONAL
    truth = reference_of(objective).evaluate(theta, want)
    factor = 1.0 + largest_terms(objective, theta) / 16.0
    assert_close(objective.evaluate(theta, want), truth, factor * ROUNDING)
    assert_close(objective.native.evaluate(theta, want, single=True), truth, factor * SINGLE_ROUNDING)


@pytest.mark.parametrize("columns", [128, 129, 200])
@pytest.mark.parametrize("single", [False, True])
def test_many_columns_take_blas(columns, single):
    objective = problem(K=columns, D=9, N=2500, C=np.inf, weighted=True)
    assert objective.native.wide == (columns > 128)
    theta = parameters(objective) / 3.0
    want = Want.GRADIENT | Want.CLASS_SUMS | Want.CLASS_CURVATURE | Want.MARGIN
    truth = reference_of(objective).evaluate(theta, want)
    rounding = SINGLE_ROUNDING if single else ROUNDING
    assert_close(objective.native.evaluate(theta, want, single=single), truth, rounding)


@pytest.mark.parametrize("source", ["C order", "Fortran order", "strided"])
@pytest.mark.parametrize("D", [3, 40])
def test_float32_arithmetic_is_about_the_exact_centre(source, D):
    """Rows in float64 far from zero: rounded to float32, the centre of a timestamp would be a minute off."""
    rng = np.random.default_rng(0)
    X = SOURCES[source](rng.normal(size=(300, D)) + 1.7e9)
    objective = objective_of(X, np.arange(300) % 3, 3, C=np.inf)
    theta = parameters(objective)
    want = Want.GRADIENT | Want.CLASS_SUMS
    truth = reference_of(objective).evaluate(theta, want)
    factor = 1.0 + largest_terms(objective, theta) / 16.0
    assert_close(objective.native.evaluate(theta, want, single=True), truth, factor * SINGLE_ROUNDING)


@pytest.mark.parametrize("arguments", DENSE.values(), ids=list(DENSE))
def test_the_same_bits_for_any_number_of_threads_and_on_every_call(arguments):
    objective = problem(**arguments, N=5000)
    theta, V = parameters(objective), parameters(objective, seed=1)
    once = objective.evaluate(theta, EVERYTHING)
    for n_threads in (1, 2, 3, 5, 8):
        again = replace(objective, n_threads=n_threads)
        assert_same_bits(again.evaluate(theta, EVERYTHING), once)
        np.testing.assert_array_equal(again.hvp(theta, V), objective.hvp(theta, V))


def test_the_same_bits_for_every_layout():
    by_layout = [problem(K=4, D=11, N=700, source=name) for name in ("C order", "Fortran order", "strided")]
    theta = parameters(by_layout[0])
    first, *others = (each.evaluate(theta, EVERYTHING) for each in by_layout)
    for other in others:
        assert_same_bits(other, first)


def test_a_problem_is_the_same_to_the_last_bit_in_any_company():
    pair = problem(K=5, D=13, N=900, C=(0.3, 7.0), weighted=True)
    theta = parameters(pair)
    both = pair.evaluate(theta, Want.GRADIENT | Want.CLASS_SUMS)
    for r in range(2):
        alone = one_of(pair, r).evaluate(theta[:, r : r + 1], Want.GRADIENT | Want.CLASS_SUMS)
        assert both.value[r] == alone.value[0]
        np.testing.assert_array_equal(both.gradient[:, r], alone.gradient[:, 0])
        np.testing.assert_array_equal(both.probability[r], alone.probability[0])


def test_infinite_logits_give_no_number_and_no_crash():
    objective = problem(K=3)
    theta = np.full(objective.layout.shape, 1e308)
    assert not np.isfinite(objective.native.evaluate(theta, Want.GRADIENT).value[0])


def test_a_wrong_shape_is_refused():
    objective = problem(K=3)
    with pytest.raises(ValueError, match="parameters must be"):
        objective.native.evaluate(np.zeros((2, 1, 3)), Want.VALUE)
    with pytest.raises(TypeError):
        objective.native.rows.evaluate("theta")
