"""A small table with every kind of column, in the data frame libraries that are installed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

LIBRARIES: dict[str, Callable[[dict[str, Any]], Any]] = {"pandas": pd.DataFrame, "polars": pl.DataFrame}


def measurements(rows: int = 60) -> dict[str, Any]:
    """Three classes that depend, not perfectly, on a number, a level and a truth value."""
    generator = np.random.default_rng(7)
    length = generator.normal(40.0, 5.0, rows)
    place = generator.choice(["north", "south", "west"], rows)
    tagged = generator.random(rows) < 0.4
    score = 0.3 * (length - 40) + 1.5 * (place == "south") - tagged + generator.logistic(size=rows)
    return {
        "length": length.tolist(),
        "place": place.tolist(),
        "tagged": tagged.tolist(),
        "kind": np.array(["low", "mid", "top"])[np.digitize(score, [-1.0, 1.0])].tolist(),
    }


def with_gaps(rows: int = 60) -> dict[str, Any]:
    """The same table with three missing values in two rows: 2 (both columns) and 5, counted from 1."""
    table = measurements(rows)
    table["length"][1] = None
    table["place"][1] = None
    table["place"][4] = None
    return table
