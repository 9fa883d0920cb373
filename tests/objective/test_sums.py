"""Sums that are merged, and the moments that no parameter changes."""

import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import one_of, problem
from tables import PROBLEMS, STACKED

from multilogit._objective.sums import Sums, Want

TABLE = PROBLEMS | STACKED


def test_sums_add_and_margins_take_the_smaller():
    one = Sums(value=np.array([1.0, 2.0]), gradient=np.array([3.0]), margin=np.array([0.5, -1.0]))
    other = Sums(value=np.array([10.0, 20.0]), gradient=np.array([30.0]), margin=np.array([0.25, np.inf]))
    total = one + other
    np.testing.assert_array_equal(total.value, [11.0, 22.0])
    np.testing.assert_array_equal(total.gradient, [33.0])
    np.testing.assert_array_equal(total.margin, [0.25, -1.0])
    assert total.hessian is None


def test_every_part_that_is_wanted_has_a_name():
    assert {want.name.lower() for want in Want} - {"class_sums", "value"} <= set(Sums.__slots__)


@pytest.mark.parametrize("name", TABLE)
def test_moments(name):
    objective = problem(**TABLE[name])
    for r in range(objective.layout.n_problems):
        brute = Brute.of(one_of(objective, r))
        A, mass = brute.A[:, : objective.layout.n_features], brute.c * brute.Y.sum(axis=1)
        np.testing.assert_allclose(objective.moments.mass[r], mass.sum(), rtol=1e-13)
        np.testing.assert_allclose(objective.moments.targets[r], brute.c @ brute.Y, rtol=1e-13)
        np.testing.assert_allclose(objective.moments.features[:, r], mass @ A, atol=1e-11)
        np.testing.assert_allclose(objective.moments.cross[:, r], A.T @ (brute.c[:, None] * brute.Y), atol=1e-11)
