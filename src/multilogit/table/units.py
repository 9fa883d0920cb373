"""Coefficients in the units of the table: a number's own coefficient is per unit of it, not per standard deviation."""

from itertools import chain, product

import numpy as np

from multilogit._arrays import Float64
from multilogit.table.encoding import Encoding, Numeric
from multilogit.table.schema import Schema, values_of

__all__ = ["raw_units"]


def raw_units(schema: Schema, coef: Float64, intercept: Float64) -> tuple[Float64, Float64]:
    """Return ``coef`` (K, D) and ``intercept`` (K,) that give the same logits on terms that are not standardised.

    With z = (x - m) / s a number's coefficient becomes w / s, and -w m / s goes to the intercept. A product of numbers
    spreads over the terms of all its parts: ``w z_1 z_2 = (w / (s_1 s_2)) (x_1 - m_1) (x_2 - m_2)``.
    """
    terms = _factors(schema)
    place = {frozenset(factors): j for j, factors in enumerate(terms)}  # b:a is a:b
    own = {encoding.name: encoding for encoding in schema.columns}
    raw, constant = np.zeros_like(coef, dtype=np.float64), np.array(intercept, dtype=np.float64)
    for j, factors in enumerate(terms):
        # Every factor gives its x times one number, and another number without it.
        for kept in product((True, False), repeat=len(factors)):
            scales = [_scale(own[name], t, keep) for (name, t), keep in zip(factors, kept, strict=True)]
            if (scale := float(np.prod(scales))) == 0.0:
                continue
            left = frozenset(factor for factor, keep in zip(factors, kept, strict=True) if keep)
            if left:
                raw[:, place[left]] += scale * coef[:, j]
            else:
                constant += scale * coef[:, j]
    return raw, constant


def _factors(schema: Schema) -> list[tuple[tuple[str, int], ...]]:
    """Return every term as a product of (column, place among the column's terms)."""
    own = {each.name: [(each.name, t) for t in range(len(each.terms))] for each in schema.columns}
    values = {each.name: own[each.name][: values_of(each)] for each in schema.columns}
    crossed = (product(*(values[name] for name in names)) for names in schema.products)
    return [(factor,) for terms in own.values() for factor in terms] + list(chain.from_iterable(crossed))


def _scale(encoding: Encoding, term: int, keep: bool) -> float:
    """Return the factor of x, or what stands beside it, in one term of an encoding."""
    if isinstance(encoding, Numeric) and term == 0:
        return 1.0 / encoding.sd if keep else -encoding.mean / encoding.sd
    return float(keep)
