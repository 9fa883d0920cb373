"""What tests of compiled sweeps share: the reference twin of an objective, and comparisons of sums."""

from dataclasses import fields, replace

import numpy as np

from multilogit._objective.sums import Sums

__all__ = ["assert_close", "assert_same_bits", "largest_terms", "reference_of"]


def reference_of(objective):
    """Return the same objective, swept by the reference."""
    twin = replace(objective)
    twin.__dict__["native"] = None
    return twin


def assert_close(ours, truth, rounding, terms=0.0):
    """Compare sums of every kind, each with the size of its largest finite entry; no sum may be missing.

    ``terms`` is what the terms of a gradient come to without their signs, where they may cancel in every entry.
    """
    for field in fields(Sums):
        a, b = getattr(ours, field.name), getattr(truth, field.name)
        assert (a is None) == (b is None), field.name
        if a is None:
            continue
        assert a.shape == b.shape, field.name
        size = np.abs(np.where(np.isfinite(b), b, 0.0)).max(initial=terms if field.name == "gradient" else 0.0)
        both = np.isfinite(b)
        np.testing.assert_array_equal(a[~both], b[~both], err_msg=field.name)
        np.testing.assert_allclose(a[both], b[both], rtol=0, atol=rounding * size, err_msg=field.name)


def assert_same_bits(a, b):
    """Compare sums of every kind, bit by bit."""
    for field in fields(Sums):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name), err_msg=field.name)


def largest_terms(objective, theta):
    """Return the largest sum of |x_d w_d| of a logit: its rounding, and a probability's, is proportional to it."""
    source, W = objective.source, objective.layout.weights(theta)
    rows = np.vstack([source.block(index).rows.dense() for index in range(source.n_blocks)])
    return float((np.abs(rows) @ np.abs(W.reshape(len(W), -1))).max())
