"""The scripts of the articles, run as a reader runs them."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
# What an independent run of 200 beginnings found: correct when rounded, and within 0.1.
FOUND_BEFORE = (0.58, 0.04)


def run(name):
    """Return what a script prints and says."""
    command = [sys.executable, "-W", "always", str(EXAMPLES / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout, done.stderr


def arrays(text):
    """Return the numbers of each printed array, a line of brackets per row."""
    rows = [[float(number) for number in line.strip("[] ").split()] for line in text.splitlines() if "[" in line]
    return np.array(rows)


def test_xor_shows_its_nine_parameters_and_predicts_four_probabilities():
    out, said = run("xor.py")
    assert "Total params: 9 (36.00 B)" in out
    assert re.search(r"^1/1 ━{20} 0s \d+[mun]?s/step$", out, re.MULTILINE)
    predicted = arrays(out.split("/step")[1])
    assert predicted.shape == (4, 1)
    assert ((predicted > 0) & (predicted < 1)).all()
    assert said.count("input_shape= and input_dim= are old names, which work") == 1


def test_reversal_learns_its_rows_and_takes_numbers_that_begin_with_1_for_others():
    out, said = run("reversal.py")
    learnt, others = np.split(arrays(out), 2)
    x = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 1], [0, 1, 1, 0], [0, 1, 1, 1]])
    assert (learnt == x[:, ::-1]).all()
    assert (others[:, 3] == 0).all()  # where every answer should be 1: nothing in training ever was
    assert said.count("lr= is an old name, which works") == 1


@pytest.fixture(scope="module")
def seeds():
    """Return the counts that xor_seeds.py prints, and its intervals."""
    out, _ = run("xor_seeds.py")
    found = re.findall(r": (\d+) of 200, [\d.]+% \(95% interval ([\d.]+)% to ([\d.]+)%\)", out)
    return [(int(count), float(low) / 100, float(high) / 100) for count, low, high in found]


@pytest.mark.parametrize("which", [0, 1])
def test_as_many_beginnings_solve_xor_as_an_independent_run_found(seeds, which):
    """Two shares of 200 differ by less than 2.6 standard errors, as they do in 99 of 100 such comparisons."""
    count, low, high = seeds[which]
    ours, theirs = count / 200, FOUND_BEFORE[which]
    pooled = (ours + theirs) / 2
    assert low <= ours <= high
    assert abs(ours - theirs) < 2.6 * (2 * pooled * (1 - pooled) / 200) ** 0.5


def test_the_interval_is_wilsons(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import xor_seeds

    assert xor_seeds.wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert xor_seeds.wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
