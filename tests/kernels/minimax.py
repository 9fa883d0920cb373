"""Minimax polynomials by the Remez exchange: the coefficients of the elementary functions, derived."""

import mpmath

DIGITS = 50
RANGE = 1.0001  # a little more than the reduced argument covers


def remez(target, weight, low, high, n):
    """Return c_0, ..., c_(n-1) that minimise max |weight(x) (sum_j c_j x^j - target(x))|, and that maximum."""
    middle, half = (low + high) / 2, (high - low) / 2
    grid = [middle - half * mpmath.cos(mpmath.pi * i / (40 * n)) for i in range(40 * n + 1)]
    points = [middle - half * mpmath.cos(mpmath.pi * i / n) for i in range(n + 1)]
    while True:
        system = mpmath.matrix([[x**j for j in range(n)] + [(-1) ** i / weight(x)] for i, x in enumerate(points)])
        *c, level = mpmath.lu_solve(system, mpmath.matrix([target(x) for x in points]))
        errors = [weight(x) * (mpmath.fdot((c_j, x**j) for j, c_j in enumerate(c)) - target(x)) for x in grid]
        points, largest = _alternating_extrema(grid, errors, n + 1)
        if largest < 1.01 * abs(level):
            return c, largest


def _alternating_extrema(grid, errors, count):
    """Return `count` points where the error is largest between changes of its sign, and the largest of them all."""
    best = [0]
    for i, error in enumerate(errors):
        if mpmath.sign(error) != mpmath.sign(errors[best[-1]]):
            best.append(i)
        elif abs(error) > abs(errors[best[-1]]):
            best[-1] = i
    while len(best) > count:
        best.pop(0 if abs(errors[best[0]]) < abs(errors[best[-1]]) else -1)
    return [grid[i] for i in best], max(abs(errors[i]) for i in best)


def exp_terms(n, given=3, parts=1):
    """q in exp r = sum_(j < given) r^j / j! + r^given q(r), |r| <= ln(2) / (2 parts), to least relative error."""
    with mpmath.workdps(DIGITS):
        bound = mpmath.log(2) / (2 * parts) * RANGE

        def q(r):
            return mpmath.fsum(r**j / mpmath.factorial(j + given) for j in range(30))

        return remez(q, lambda r: abs(r) ** given * mpmath.exp(-r) + mpmath.mpf(10) ** -35, -bound, bound, n)


def log_terms(n):
    """t in log((1 + s) / (1 - s)) = 2 s + s w t(w), w = s^2, |s| <= (sqrt 2 - 1) / (sqrt 2 + 1)."""
    with mpmath.workdps(DIGITS):

        def t(w):
            if w < 1e-12:
                return mpmath.mpf(2) / 3 + 2 * w / 5
            s = mpmath.sqrt(w)
            return (mpmath.log((1 + s) / (1 - s)) - 2 * s) / (s * w)

        bound = ((3 - 2 * mpmath.sqrt(2)) * RANGE) ** 2
        return remez(t, lambda w: w + mpmath.mpf(10) ** -20, mpmath.mpf(0), bound, n)
