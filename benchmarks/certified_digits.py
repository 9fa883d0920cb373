"""Correct digits of the worst coefficient at the defaults, against the certified optima that the tests carry.

PYTHONPATH=tests python -m benchmarks.certified_digits
"""

import sys

import numpy as np
from references import EVERY, load

from multilogit import LogisticRegression


def main() -> None:
    """Print a markdown table."""
    sys.stdout.write("| problem | digits | certificate |\n| --- | --- | --- |\n")
    for name in EVERY:
        problem = load(name)
        model = LogisticRegression(C=problem.C).fit(problem.X, problem.y)
        digits = problem.digits(np.column_stack([model.coef_, model.intercept_]))
        sys.stdout.write(f"| {name} | {digits:.1f} | {model.certificate_.summary()} |\n")


if __name__ == "__main__":
    main()
