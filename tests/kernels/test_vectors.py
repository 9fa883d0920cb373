"""Inner products and sums of long vectors: the definition, and the same bits for any number of threads."""

import math

import numpy as np
import pytest

from multilogit import _kernels
from multilogit._kernels.vectors import add_and_dot, combine, dot, inner_products, weighted_square

SIZES = (0, 1, 2, 15, 16, 17, 8191, 8192, 8193, 300_001)


def vectors(n, count):
    return np.random.default_rng(n).normal(size=(count, n))


@pytest.mark.parametrize("n", SIZES)
def test_they_are_what_they_are_called(n):
    x, y, z = vectors(n, 3)
    scale = float(np.abs(x) @ np.abs(y)) + 1e-300
    assert dot(x, y) == pytest.approx(math.fsum(x * y), abs=4e-14 * scale)
    moved = y.copy()
    product = add_and_dot(0.3, x, moved, z)
    np.testing.assert_allclose(moved, y + 0.3 * x, rtol=0, atol=1e-15)
    assert product == pytest.approx(math.fsum(moved * z), abs=4e-14 * (float(np.abs(moved) @ np.abs(z)) + 1e-300))
    again = y.copy()
    assert add_and_dot(0.3, x, again, again) == pytest.approx(math.fsum(moved * moved), rel=4e-14)
    np.testing.assert_array_equal(again, moved)


def test_an_inner_product_takes_any_shape_and_stride():
    x, y = vectors(24, 2)
    assert dot(x.reshape(4, 1, 6), y.reshape(4, 1, 6)) == dot(x, y)
    wide = np.zeros((4, 3, 12))
    wide[:, 1, ::2] = x.reshape(4, 6)
    assert dot(wide[:, 1:2, ::2], y.reshape(4, 1, 6)) == dot(x, y)
    assert weighted_square(wide[:, 1:2, ::2], y.reshape(4, 1, 6)) == weighted_square(x, y)


@pytest.mark.parametrize("n", SIZES)
def test_many_at_once_are_what_each_is_alone(n):
    x, y, z, w = vectors(n, 4)
    found = inner_products((x, y, z), (w, x))
    alone = [[dot(a, b) for b in (w, x)] for a in (x, y, z)]
    np.testing.assert_array_equal(found, alone)
    squares = x * y * y
    scale = float(np.abs(squares).sum()) + 1e-300
    assert weighted_square(x, y) == pytest.approx(math.fsum(squares), abs=4e-14 * scale)
    out = np.full(n, np.nan)
    combine([0.5, -2.0, 3.0], [x, y, z], out)
    np.testing.assert_allclose(out, 0.5 * x - 2.0 * y + 3.0 * z, rtol=0, atol=1e-14)
    moved = x.copy()
    combine([0.5, -2.0, 3.0], [moved, y, z], moved)
    np.testing.assert_array_equal(moved, out)


def test_none_have_no_inner_products():
    assert inner_products((), (np.ones(3),)).shape == (0, 1)


@pytest.mark.skipif(_kernels.native is None, reason="the compiled kernels are not built")
@pytest.mark.parametrize("n", SIZES)
def test_the_same_bits_for_any_number_of_threads(n):
    x, y, z = vectors(n, 3)
    first = y.copy()
    once = dot(x, y, 1), add_and_dot(-1.7, x, first, z, 1)
    for n_threads in (2, 3, 8):
        moved = y.copy()
        assert (dot(x, y, n_threads), add_and_dot(-1.7, x, moved, z, n_threads)) == once
        np.testing.assert_array_equal(moved, first)
        assert inner_products((x, z), (y,), n_threads).tobytes() == inner_products((x, z), (y,), 1).tobytes()
        assert weighted_square(x, y, n_threads) == weighted_square(x, y, 1)
        sums = np.empty((2, n))
        combine([1.1, -0.3], [x, y], sums[0], 1)
        combine([1.1, -0.3], [x, y], sums[1], n_threads)
        assert sums[0].tobytes() == sums[1].tobytes()


@pytest.mark.skipif(_kernels.native is None, reason="the compiled kernels are not built")
def test_vectors_of_different_lengths_are_refused():
    x, y = np.zeros(3), np.zeros(4)
    for call in (
        lambda: dot(x, y),
        lambda: weighted_square(x, y),
        lambda: add_and_dot(1.0, x, y, y),
        lambda: add_and_dot(1.0, y, y.copy(), x),
        lambda: inner_products((x,), (y,)),
        lambda: inner_products((x, y), (x,)),
        lambda: combine([1.0, 1.0], [x, y], np.zeros(3)),
        lambda: combine([1.0], [x], np.zeros(4)),
    ):
        with pytest.raises(ValueError, match="one length"):
            call()
