"""The parts add up to the log-odds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.inference import contributions


@given(st.integers(0, 10_000), st.booleans())
def test_the_parts_add_up(seed, centred):
    rng = np.random.default_rng(seed)
    x, coef, intercept = rng.normal(size=6), rng.normal(size=(4, 6)), rng.normal(size=4)
    centre = rng.normal(size=6) if centred else None
    found = contributions(x, coef, intercept, 2, 0, centre=centre)
    z = coef @ x + intercept
    assert found.difference == pytest.approx(z[2] - z[0], abs=1e-12)
    assert found.difference == pytest.approx(found.base + found.terms.sum(), abs=1e-14)


def test_a_row_at_the_centre_has_no_parts():
    x = np.array([3.0, -1.0])
    found = contributions(x, np.eye(2), np.array([0.25, 0.0]), 0, 1, centre=x)
    assert found.terms.tolist() == [0.0, 0.0]
    assert found.base == found.difference == 4.25
