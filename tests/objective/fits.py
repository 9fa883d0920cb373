"""The references as objectives, and parameters in the user's units."""

from fractions import Fraction

import numpy as np
import references
from objective.problems import objective_of

__all__ = ["certified", "in_user_units"]


def certified(name):
    """Return the objective of a reference, and the reference."""
    reference = references.load(name)
    return objective_of(reference.X, reference.y, reference.n_classes, C=reference.C), reference


def in_user_units(objective, theta):
    """Return coefficients (K', D + 1) of uncentred columns, the intercept ``b - c'W`` rounded once."""
    layout, centre = objective.layout, [Fraction(float(value)) for value in objective.source.centre]
    W, b = layout.weights(theta)[:, 0], layout.intercept(theta)[0]
    shifts = [sum(c * Fraction(float(w)) for c, w in zip(centre, column, strict=True)) for column in W.T]
    intercept = [float(Fraction(float(value)) - shift) for value, shift in zip(b, shifts, strict=True)]
    return np.column_stack([W.T, intercept])
