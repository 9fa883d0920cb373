"""Trained models to report on."""

import numpy as np
import polars as pl
from table.frames import measurements

import multilogit

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "$x^2$"]


def birds(**changes):
    return pl.DataFrame(measurements(200) | changes)


def fitted(**options):
    return multilogit.fit(birds(), "kind", **{"C": 1.0} | options)


def noise(n_rows=120):
    """A target that no column says anything about."""
    generator = np.random.default_rng(3)
    table = {f"x{j}": generator.normal(size=n_rows) for j in range(3)}
    return pl.DataFrame(table | {"kind": generator.choice(["a", "b"], n_rows)})


def many_classes():
    generator = np.random.default_rng(0)
    words = np.array([f"word{j}" for j in range(1_500)])
    notes = [" ".join(words[generator.integers(len(words), size=12)]) for _ in range(400)]
    kinds = [f"class {row % 77}" for row in range(400)]
    return pl.DataFrame({"x": generator.normal(size=400), "note": notes, "kind": kinds})


def many_columns():
    generator = np.random.default_rng(0)
    table = {f"column {j}": generator.normal(size=60) for j in range(2_000)}
    return pl.DataFrame(table | {"kind": ["a", "b", "c"] * 20})


def long_names(letters):
    """Every name and every level is of so many letters, of which each takes five in HTML."""
    generator, start = np.random.default_rng(0), "&" * letters
    table = {f"{start}{j}": generator.normal(size=120) for j in range(70)}
    levels = {f"{start} level {j}": generator.choice([f"{start}{k}" for k in range(3)], 120) for j in range(5)}
    return pl.DataFrame(table | levels | {f"{start} target": [f"{start}{k}" for k in range(3)] * 40})


def hostile():
    """Columns, levels, classes and words that would run or break something if they were not taken as text."""
    generator, n_rows = np.random.default_rng(0), 150
    x = generator.normal(size=n_rows)
    kinds = np.array(HOSTILE)[np.digitize(x + generator.normal(size=n_rows), [-0.5, 0.5])]
    notes = [f"{HOSTILE[row % 3]} is what number{row % 9} of them all holds" for row in range(n_rows)]
    table = {name: generator.normal(size=n_rows) for name in (*HOSTILE[:2], "a$b_c", "$a_$")}
    levels = {"$x^2$": generator.choice(HOSTILE, n_rows), "</svg>": generator.choice(["$a_$", "]]>", "-->"], n_rows)}
    return pl.DataFrame(table | levels | {"x": x, "</title>": notes, '</h1>"': kinds})
