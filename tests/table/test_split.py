import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.errors import InputError
from multilogit.table.split import FOLDS, Split, cross_validation, holdout

# Of 12 rows of class 0 and 8 of class 1: published, so that scores can be repeated.
PINNED = [2, 3, 11, 13, 15]

CODES = st.lists(st.integers(0, 4), min_size=1, max_size=80).map(np.array)


def grouped(rows=200, n_groups=20, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(3, size=rows), rng.integers(n_groups, size=rows)


@given(CODES, st.floats(0.01, 0.9), st.integers(0, 2**32 - 1))
def test_every_class_gives_its_share_and_keeps_a_row(codes, share, seed):
    found = holdout(codes, None, seed, share)
    for code in np.unique(codes):
        rows = (codes == code).sum()
        assert (codes[found.score] == code).sum() == min(int(share * rows + 0.5), rows - 1)
    assert sorted([*found.fit, *found.score]) == list(range(len(codes)))


def test_the_same_rows_for_the_same_seed_on_every_machine():
    codes = np.repeat([0, 1], [12, 8])
    assert holdout(codes, None, 0, 0.25).score.tolist() == PINNED
    assert holdout(codes, None, 1, 0.25).score.tolist() != PINNED


@given(CODES, st.integers(0, 100))
def test_folds_take_equal_parts_of_every_class_and_of_the_whole(codes, seed):
    splits = cross_validation(codes, None, seed)
    scored = np.concatenate([codes[:0], *(split.score for split in splits)])
    assert len(set(scored.tolist())) == len(scored)
    for split in splits:
        assert not set(split.fit.tolist()) & set(split.score.tolist())
        assert set(codes[split.score].tolist()) <= set(codes[split.fit].tolist())
        held = np.setdiff1d(np.arange(len(codes)), split.fit)
        assert len(codes) // FOLDS <= len(held) <= -(-len(codes) // FOLDS)
        for code in np.unique(codes):
            rows = (codes == code).sum()
            assert rows // FOLDS <= (codes[held] == code).sum() <= -(-rows // FOLDS)


def test_every_row_is_scored_once_where_classes_have_rows_enough():
    codes = np.repeat([0, 1, 2], [30, 11, 2])
    scored = np.concatenate([split.score for split in cross_validation(codes, None, 4)])
    assert sorted(scored.tolist()) == list(range(43))


def test_rows_of_a_class_that_the_fit_lacks_are_not_scored():
    codes = np.array([0] * 20 + [1] * 20 + [2])
    splits = cross_validation(codes, None, 0)
    assert 40 not in np.concatenate([split.score for split in splits])
    assert Split.of(np.arange(41) >= 39, codes).score.tolist() == [39]


def test_a_part_of_a_single_class_is_no_fit():
    assert cross_validation(np.array([0, 0, 0, 0, 0, 1]), None, 0) != ()
    assert cross_validation(np.zeros(10, dtype=int), None, 0) == ()
    assert cross_validation(np.arange(3), None, 0) == ()


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_never_split(seed):
    codes, groups = grouped(seed=seed)
    splits = (*cross_validation(codes, groups, seed), holdout(codes, groups, seed, 0.2))
    for split in splits:
        assert not set(groups[split.fit]) & set(groups[split.score])
    scored = np.concatenate([split.score for split in splits[:-1]])
    assert sorted(scored.tolist()) == list(range(200))


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.2, 30, 50), (0.5, 80, 120), (0.1, 10, 30), (0.4, 65, 95), (0.9, 165, 195)]
)
def test_a_share_of_groups_is_about_that_share_of_the_rows(share, least, most):
    codes, groups = grouped()
    assert least <= len(holdout(codes, groups, 0, share).score) <= most


@pytest.mark.parametrize("groups", [None, np.arange(200) % 17])
def test_the_seed_decides(groups):
    codes = np.arange(200) % 3
    first, again, other = (cross_validation(codes, groups, seed) for seed in (3, 3, 4))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.fit, two.fit)
        np.testing.assert_array_equal(one.score, two.score)
    assert any(one.score.tolist() != two.score.tolist() for one, two in zip(first, other, strict=True))


def test_few_groups_make_few_folds():
    codes = np.arange(40) % 2
    splits = cross_validation(codes, np.arange(40) // 10, 0)
    assert len(splits) == 4
    assert sorted(np.concatenate([split.score for split in splits]).tolist()) == list(range(40))


def test_small_classes_in_many_groups_are_split_all_the_same():
    codes, groups = np.arange(60) % 20, np.arange(60) % 15
    assert len(cross_validation(codes, groups, 0)) == 3
    assert len(holdout(codes, groups, 0, 0.3).score)


def test_a_single_group_is_refused():
    codes = np.arange(40) % 2
    for split in (lambda: cross_validation(codes, np.zeros(40), 0), lambda: holdout(codes, np.zeros(40), 0, 0.5)):
        with pytest.raises(InputError, match=r"in one group, and groups are never parted: .* Leave the groups"):
            split()
