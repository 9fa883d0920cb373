"""Shapes, types, infinities and NaN of the softmax kernels; the compiled ones against the reference."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from multilogit import _kernels
from multilogit._kernels import reference
from multilogit.errors import InputError

INF, NAN = np.inf, np.nan
NAMES = ["softmax", "log_softmax", "logsumexp"]
DTYPES = [np.float64, np.float32]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("row", "p", "log_p", "value"),
    [
        ([INF, 0.0], [1.0, 0.0], [0.0, -INF], INF),
        ([0.0, INF, -INF], [0.0, 1.0, 0.0], [-INF, 0.0, -INF], INF),
        ([0.0, -INF], [1.0, 0.0], [0.0, -INF], 0.0),
        ([-INF, -INF], [NAN, NAN], [NAN, NAN], -INF),
        ([-INF], [NAN], [NAN], -INF),
        ([INF], [1.0], [0.0], INF),
        ([INF, 0.0, INF], [NAN] * 3, [NAN] * 3, INF),
        ([NAN, 0.0], [NAN, NAN], [NAN, NAN], NAN),
        ([0.0, NAN], [NAN, NAN], [NAN, NAN], NAN),
        ([INF, NAN], [NAN, NAN], [NAN, NAN], NAN),
        ([-INF, NAN], [NAN, NAN], [NAN, NAN], NAN),
        ([3e38, -3e38], [1.0, 0.0], [0.0, None], 3e38),
        ([0.0, -1e5], [1.0, 0.0], [0.0, -1e5], 0.0),
    ],
)
def test_limits_and_their_neighbours(kernels, row, p, log_p, value, dtype):
    """Each special row between two plain ones, which it must not touch."""
    plain = [0.5] * len(row)
    Z = np.array([plain, row, plain], dtype=dtype)
    log_p = [-INF if entry is None and dtype == np.float32 else entry for entry in log_p]
    log_p = [-6e38 if entry is None else entry for entry in log_p]
    np.testing.assert_array_equal(kernels.softmax(Z)[1], np.array(p, dtype))
    np.testing.assert_array_equal(kernels.log_softmax(Z)[1], np.array(log_p, dtype))
    np.testing.assert_array_equal(kernels.logsumexp(Z)[1], dtype(value))
    for name in NAMES:
        result = getattr(kernels, name)(Z)
        assert np.isfinite(result[[0, 2]]).all()
        np.testing.assert_array_equal(result[0], result[2])


def test_difference_beyond_the_largest_float(kernels):
    Z = np.array([1.7e308, -1.7e308])
    np.testing.assert_array_equal(kernels.softmax(Z), [1.0, 0.0])
    np.testing.assert_array_equal(kernels.log_softmax(Z), [0.0, -INF])
    assert kernels.logsumexp(Z) == 1.7e308
    Z = np.array([1e290, 1e290, -1e300])  # the rounding error of z - m alone is 1e283
    np.testing.assert_array_equal(kernels.softmax(Z), [0.5, 0.5, 0.0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 0, 3), (2, 4, 3), (1, 1), (5, 1)])
def test_shapes(kernels, shape, dtype):
    Z = np.zeros(shape, dtype)
    P, values = kernels.softmax(Z), kernels.logsumexp(Z)
    assert P.shape == kernels.log_softmax(Z).shape == shape
    assert values.shape == shape[:-1]
    np.testing.assert_allclose(P, 1 / shape[-1], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 0)])
def test_no_class_is_refused(name, shape):
    with pytest.raises(InputError, match="at least one class"):
        getattr(_kernels, name)(np.zeros(shape))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.complex128, object, ">f8"])
def test_other_types_are_refused(name, dtype):
    with pytest.raises(TypeError, match="float32 or float64"):
        getattr(_kernels, name)(np.zeros((2, 3), dtype))


def test_layout_of_the_memory_does_not_matter(kernels):
    Z = np.random.default_rng(0).standard_normal((6, 5))
    Z.flags.writeable = False
    for name in NAMES:
        kernel = getattr(kernels, name)
        expected = kernel(Z)
        np.testing.assert_array_equal(kernel(np.asfortranarray(Z)), expected)
        np.testing.assert_array_equal(kernel(np.repeat(Z, 2, axis=1)[:, ::2]), expected)
        np.testing.assert_array_equal(kernel(Z[::-1])[::-1], expected)
        np.testing.assert_array_equal(kernel(np.broadcast_to(Z[0], (3, 5))), expected[[0, 0, 0]])


def test_a_row_alone_has_the_same_bits_as_in_a_batch(kernels):
    Z = 20.0 * np.random.default_rng(1).standard_normal((50, 7))
    for name in NAMES:
        kernel = getattr(kernels, name)
        np.testing.assert_array_equal(kernel(Z), np.stack([kernel(row) for row in Z]))


def test_the_input_is_not_written_to(kernels):
    Z = np.random.default_rng(2).standard_normal((4, 3))
    copy = Z.copy()
    for name in NAMES:
        getattr(kernels, name)(Z)
    np.testing.assert_array_equal(Z, copy)


def assert_equals_the_reference(Z):
    np.testing.assert_array_equal(_kernels.softmax(Z), reference.softmax(Z))
    for name in ("log_softmax", "logsumexp"):  # these end in log or log1p of two different libraries
        compiled, formula = getattr(_kernels, name)(Z), getattr(reference, name)(Z)
        eps = np.finfo(Z.dtype).eps
        np.testing.assert_allclose(compiled, formula, rtol=2 * eps, atol=eps * (name == "logsumexp"))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_compiled_softmax_equals_the_reference_to_the_bit(level, data):
    dtype = data.draw(st.sampled_from(DTYPES))
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=19))
    assert_equals_the_reference(data.draw(hnp.arrays(dtype, shape, elements=st.floats(width=np.finfo(dtype).bits))))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("K", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 255, 256, 257, 511, 1000, 4097])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 300.0])
def test_compiled_softmax_equals_the_reference_for_every_length(level, K, scale, dtype):
    """Fewer classes than lanes, whole and broken vectors, the change from rows to classes in a lane, and blocks."""
    Z = (scale * np.random.default_rng(K).standard_normal((19, K))).astype(dtype)
    Z[3] -= np.finfo(dtype).max / 4
    Z[5, ::2] = -INF
    for n in (1, 7, 19):
        assert_equals_the_reference(Z[:n])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("K", [3, 10, 300])
def test_special_values_in_every_lane(level, K, dtype):
    Z = np.random.default_rng(K).standard_normal((40, K)).astype(dtype)
    for i, special in enumerate([NAN, INF, -INF, np.finfo(dtype).max, -np.finfo(dtype).max] * 3):
        Z[2 * i, (3 * i) % K] = special
        Z[2 * i, (5 * i + 1) % K] = special
    Z[37:39] = [[INF], [-INF]]
    assert_equals_the_reference(Z)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("K", [7, 300, 1000])
def test_the_order_of_the_classes_changes_no_bit(kernels, K, dtype):
    rng = np.random.default_rng(K)
    Z, order = (5 * rng.standard_normal((6, K))).astype(dtype), rng.permutation(K)
    np.testing.assert_array_equal(kernels.softmax(Z[:, order]), kernels.softmax(Z)[:, order])
    np.testing.assert_array_equal(kernels.log_softmax(Z[:, order]), kernels.log_softmax(Z)[:, order])
    np.testing.assert_array_equal(kernels.logsumexp(Z[:, order]), kernels.logsumexp(Z))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("N", "K"), [(60_000, 3), (5001, 30), (301, 1000)])
def test_levels_and_threads_change_no_bit(level, N, K, dtype):
    from multilogit._kernels import _native

    Z = (4 * np.random.default_rng(N).standard_normal((N, K))).astype(dtype)
    for name in NAMES:
        shape = (N,) if name == "logsumexp" else (N, K)
        results = [np.empty(shape, dtype) for _ in range(4)]
        for n_threads, out in enumerate(results[:3], start=1):
            getattr(_native, name)(Z, out, n_threads)
        _native.select_level("plain")
        getattr(_native, name)(Z, results[3])
        _native.select_level(level)
        for other in results[1:]:
            np.testing.assert_array_equal(results[0], other)
        alone = [
            np.empty(out_shape, dtype) for out_shape in [(1, K) if name != "logsumexp" else (1,)] for _ in range(3)
        ]
        for row, out in zip((0, N // 2, N - 1), alone, strict=True):
            getattr(_native, name)(Z[row : row + 1], out)
            np.testing.assert_array_equal(out[0], results[0][row])


@pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")
def test_the_compiled_module_refuses_what_does_not_fit():
    from multilogit._kernels import _native

    Z = np.zeros((4, 3))
    with pytest.raises(ValueError, match="shape of logits"):
        _native.softmax(Z, np.empty((3, 4)))
    with pytest.raises(ValueError, match="one entry per row"):
        _native.logsumexp(Z, np.empty(3))
    with pytest.raises(ValueError, match="n_threads must be positive"):
        _native.softmax(Z, np.empty((4, 3)), 0)
    with pytest.raises(ValueError, match="at least one logit"):
        _native.softmax(np.zeros((4, 0)), np.empty((4, 0)))
    with pytest.raises(TypeError):
        _native.softmax(Z, np.empty((4, 3), np.float32))
    with pytest.raises(TypeError):
        _native.softmax(Z.T, np.empty((3, 4)))
