import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from multilogit.table.holdout import draw

# Of 12 rows of class a and 8 of class b: published, so that scores can be repeated.
PINNED = [2, 3, 11, 13, 15]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=80),
    st.floats(0, 0.99),
    st.integers(0, 2**32),
)
def test_every_class_gives_its_share_and_keeps_a_row(codes, share, seed):
    labels = np.array(codes)
    held = draw(labels, share, seed)
    for label in np.unique(labels):
        rows = labels == label
        assert held[rows].sum() == min(int(share * rows.sum() + 0.5), rows.sum() - 1)


def test_the_same_rows_for_the_same_seed_on_every_machine():
    labels = np.repeat(["a", "b"], [12, 8])
    assert np.flatnonzero(draw(labels, 0.25, 0)).tolist() == PINNED
    assert np.flatnonzero(draw(labels, 0.25, 1)).tolist() != PINNED


def test_no_share_holds_out_nothing():
    assert not draw(np.repeat(["a", "b"], 50), 0.0, 0).any()
