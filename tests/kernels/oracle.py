"""Softmax at 80 digits, and distances from it in units in the last place."""

from functools import cache

import mpmath
import numpy as np

DIGITS = 80


def to_mp(x):
    return mpmath.mpf(float(x))


@cache
def exact_rows(logits):
    """Return (softmax, log_softmax, logsumexp) of one row of logits, given as a tuple.

    log1p of the sum of the others is taken by its own series when that sum is below 10^-40: adding it to 1
    first would lose exp(-300) at any fixed number of digits.
    """
    with mpmath.workdps(DIGITS):
        z = [to_mp(value) for value in logits]
        a = max(range(len(z)), key=z.__getitem__)
        e = [mpmath.exp(value - z[a]) for value in z]
        u = mpmath.fsum(value for k, value in enumerate(e) if k != a)
        log_total = mpmath.log1p(u) if u > mpmath.mpf(10) ** -40 else u - u**2 / 2
        return [value / (1 + u) for value in e], [value - z[a] - log_total for value in z], z[a] + log_total


def spacing(exact, dtype):
    """Return the distance between neighbouring floats at the exact value; constant below the normal range."""
    limits = np.finfo(dtype)
    if abs(exact) < to_mp(limits.tiny):
        return to_mp(limits.smallest_subnormal)
    _, exponent = mpmath.frexp(abs(exact))
    return mpmath.ldexp(1, exponent - 1 - limits.nmant)


def ulps(computed, exact):
    """Return (the largest error in ulp among normal values, and in spacings among those below them)."""
    normal = subnormal = 0.0
    tiny = to_mp(np.finfo(computed.dtype).tiny)
    with mpmath.workdps(DIGITS):
        for value, truth in zip(computed, exact, strict=True):
            error = float(abs(to_mp(value) - truth) / spacing(truth, computed.dtype))
            if abs(truth) < tiny:
                subnormal = max(subnormal, error)
            else:
                normal = max(normal, error)
    return normal, subnormal
