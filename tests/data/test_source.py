"""Blocks of a source: their boundaries, their sums, and the sources made from a source."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse
from tables import SOURCES

from multilogit._data.memory import block_rows
from multilogit._data.open import column_centre, open_source
from multilogit._data.source import reduce_blocks


def example(kind="C order", N=21, rows_per_block=8, **arguments):
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(N, 3)), 2) * (rng.random((N, 3)) < 0.6)
    targets = np.arange(N) % 3
    source = open_source(SOURCES[kind](X), targets, 3, **arguments)
    return X, replace(source, rows_per_block=rows_per_block)


@pytest.mark.parametrize("kind", SOURCES)
def test_blocks_cover_the_rows_once(kind):
    weight, offset = np.arange(21.0), np.arange(63.0).reshape(21, 3)
    X, source = example(kind, weight=weight, offset=offset)
    assert (source.n_rows, source.n_features, source.n_problems, source.n_blocks) == (21, 3, 1, 3)
    assert source.sparse == kind.startswith("CS")
    blocks = [source.block(i) for i in range(3)]
    assert [block.start for block in blocks] == [0, 8, 16]
    assert [len(block.targets) for block in blocks] == [8, 8, 5]
    np.testing.assert_allclose(np.vstack([b.rows.dense() for b in blocks]), X - source.centre, atol=1e-15)
    np.testing.assert_array_equal(np.concatenate([b.targets for b in blocks]), np.arange(21) % 3)
    np.testing.assert_array_equal(np.vstack([b.weight for b in blocks])[:, 0], weight)
    np.testing.assert_array_equal(np.vstack([b.offset for b in blocks]), offset)


def test_a_last_block_may_be_full():
    _, source = example(N=16)
    assert source.n_blocks == 2
    assert len(source.block(1).targets) == 8


@pytest.mark.parametrize(
    ("K", "R", "rows"), [(2, 1, 2048), (10, 1, 2048), (1000, 1, 512), (1000, 4, 128), (10**8, 1, 16)]
)
def test_block_rows(K, R, rows):
    """A power of two, so that (n, R, K) numbers take at most 4 MiB; never below 16 rows, never above 2048."""
    assert block_rows(K, R) == rows


def test_labels_and_masses():
    _, source = example()
    np.testing.assert_array_equal(source.block(0).masses(3)[:4], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
    counts = np.array([[2, 0, 1], [0, 0, 0]])
    masses = open_source(np.zeros((2, 1)), counts, 3).block(0).masses(3)
    assert masses.dtype == np.float64
    np.testing.assert_array_equal(masses, counts)


def test_weights_of_stacked_problems():
    _, source = example(weight=np.ones((21, 2)))
    assert source.n_problems == 2
    assert source.block(2).weight.shape == (5, 2)


@pytest.mark.parametrize("kind", ["C order", "CSR"])
@pytest.mark.parametrize("stride", [1, 2, 4, 50])
def test_thin(kind, stride):
    offset = np.arange(63.0).reshape(21, 3)
    X, source = example(kind, weight=np.arange(21.0), offset=offset)
    block = replace(source.thin(stride), rows_per_block=64).block(0)
    np.testing.assert_allclose(block.rows.dense(), X[::stride] - source.centre, atol=1e-15)
    np.testing.assert_array_equal(block.weight[:, 0], stride * np.arange(21.0)[::stride])
    np.testing.assert_array_equal(block.targets, (np.arange(21) % 3)[::stride])
    np.testing.assert_array_equal(block.offset, offset[::stride])


@pytest.mark.parametrize("kind", SOURCES)
def test_select(kind):
    X, source = example(kind)
    chosen = source.select(np.array([2, 0]))
    assert chosen.n_features == 2
    np.testing.assert_allclose(chosen.block(1).rows.dense(), (X - source.centre)[8:16, [2, 0]], atol=1e-15)


@pytest.mark.parametrize("kind", ["C order", "CSR"])
def test_with_design(kind):
    _, source = example(kind)
    design = np.random.default_rng(1).normal(size=(21, 5))
    other = source.with_design(design)
    assert other.n_features == 5
    assert not other.sparse
    np.testing.assert_array_equal(other.block(1).rows.dense(), design[8:16])
    np.testing.assert_array_equal(other.block(2).targets, source.block(2).targets)


class Trace:
    """A sum that remembers how it was added up."""

    def __init__(self, tree, value):
        self.tree, self.value = tree, value

    def __add__(self, other):
        return Trace((self.tree, other.tree), self.value + other.value)


@pytest.mark.parametrize(
    ("n_blocks", "tree"),
    [
        (1, 0),
        (2, (0, 1)),
        (3, ((0, 1), 2)),
        (5, (((0, 1), (2, 3)), 4)),
        (7, (((0, 1), (2, 3)), ((4, 5), 6))),
    ],
)
def test_reduce_blocks_adds_by_a_binary_counter(n_blocks, tree):
    _, source = example(N=2 * n_blocks, rows_per_block=2)
    total = reduce_blocks(source, lambda block: Trace(block.start // 2, len(block.targets)))
    assert total.tree == tree
    assert total.value == 2 * n_blocks


@pytest.mark.parametrize("n_blocks", [1, 2, 3, 31, 64])
def test_the_same_bits_for_any_number_of_threads(n_blocks):
    """Numbers of very different size, so that another order of addition would show."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3 * n_blocks, 4)) * 10.0 ** rng.uniform(-8, 8, (3 * n_blocks, 1))
    source = replace(open_source(X, np.zeros(len(X), int), 2), rows_per_block=3)
    sums = [reduce_blocks(source, lambda block: block.rows.dense().sum(axis=0), n) for n in (1, 2, 5)]
    assert sums[0].tobytes() == sums[1].tobytes() == sums[2].tobytes()
    if n_blocks == 31:
        assert (
            np.sum([source.block(i).rows.dense().sum(axis=0) for i in range(31)], axis=0).tobytes() != sums[0].tobytes()
        )


def test_an_error_in_a_thread_is_raised():
    _, source = example()
    with pytest.raises(ZeroDivisionError):
        reduce_blocks(source, lambda block: 1 / (16 - block.start), 2)


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_centre_is_the_median_of_the_rows_with_weight(kind, dtype):
    rng = np.random.default_rng(3)
    X = (rng.normal(size=(40, 4)) * (rng.random((40, 4)) < 0.5) + 7.0).astype(dtype)
    weight = rng.integers(0, 3, size=40).astype(float)
    source = open_source(SOURCES[kind](X), np.zeros(40, int), 2, weight=weight)
    assert source.centre.dtype == np.float64
    np.testing.assert_array_equal(source.centre, np.median(X[weight > 0].astype(float), axis=0))
    assert not open_source(SOURCES[kind](X), np.zeros(40, int), 2, centred=False).centre.any()


@pytest.mark.parametrize("kind", SOURCES)
def test_one_wild_value_does_not_move_the_centre(kind):
    """A fill value such as 9.97e36 in a mean would round every other row to nothing."""
    X = np.linspace(1.0, 2.0, 101)[:, None]
    X[50] = 9.96921e36
    centre = open_source(SOURCES[kind](X), np.zeros(101, int), 2).centre[0]
    assert 1.4 < centre < 1.6


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("constant", [0.1, -1e10 / 3, 0.0, 1_700_000_000.3])
def test_a_constant_column_is_exactly_zero_once_centred(kind, constant):
    """The mean of 0.1 over 1000 rows misses it by a rounding."""
    X = np.column_stack([np.full(1000, constant), np.arange(1000.0)])
    weight = np.random.default_rng(0).uniform(size=1000)
    source = open_source(SOURCES[kind](X), np.zeros(1000, int), 2, weight=weight)
    assert source.centre[0] == constant
    assert not source.block(0).rows.dense()[:, 0].any()
    high, low = source.block(0).rows.exact()
    assert not high[:, 0].any()
    assert not low[:, 0].any()


@pytest.mark.parametrize("kind", SOURCES)
def test_rows_without_weight_do_not_move_the_centre(kind):
    X = np.array([[0.1, 1.0], [0.1, 2.0], [1e300, -1e300]])
    weight = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])  # of two stacked problems, one each
    source = open_source(SOURCES[kind](X), np.zeros(3, int), 2, weight=weight)
    np.testing.assert_array_equal(source.centre, [0.1, 1.5])


def test_the_centre_of_a_sparse_column_of_mostly_zeros_is_zero():
    X = sparse.csr_array(np.array([[2.0, 0.0, 5.0], [0.0, 0.0, 6.0], [0.0, -4.0, 0.0], [0.0, 0.0, 7.0]]))
    np.testing.assert_array_equal(open_source(X, np.zeros(4, int), 2).centre, [0.0, 0.0, 5.5])


def test_centring_reads_timestamps_to_the_last_digit():
    X = (1_700_000_000 + np.arange(1001.0))[:, None]
    centre = open_source(X, np.zeros(1001, int), 2).centre[0]
    exact = sum(Fraction(int(value)) for value in X[:, 0]) / 1001
    assert abs(Fraction(float(centre)) - exact) <= Fraction(1, 10**5)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 511, 512])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("layout", ["C", "F"])
def test_medians_of_an_odd_and_an_even_number_of_rows(n, dtype, layout):
    X = np.random.default_rng(n).integers(-50, 50, size=(n, 5)).astype(dtype, order=layout)
    before = X.copy()
    np.testing.assert_array_equal(column_centre(X, np.ones(n)), np.median(X.astype(float), axis=0))
    assert np.array_equal(X, before)


def test_many_rows_are_sampled_evenly():
    X = np.arange(100_000.0)[:, None]
    assert abs(column_centre(X, np.ones(100_000))[0] - 50_000) < 250
    assert column_centre(X, (X[:, 0] > 90_000).astype(float))[0] == pytest.approx(95_000, abs=25)
