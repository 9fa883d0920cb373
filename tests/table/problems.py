"""Tables for the tests of fits, each with something that a fit must cope with."""

import numpy as np
import polars as pl
from table.models import ROLES

from multilogit.table import Request, Source, train
from multilogit.table.fitting import Recipe
from multilogit.table.roles import Roles
from multilogit.table.rows import Rows
from multilogit.table.schema import Schema

WORDS = [f"{first}{last}" for first in "bdfgklmnprst" for last in ("ado", "elo", "iru", "osta", "umi", "anta", "eko")]


def everything(rows=90, seed=0):
    """Every kind of input, with gaps, and a class that depends on all of them."""
    rng = np.random.default_rng(seed)
    x, level, truth = rng.normal(20.0, 4.0, rows), rng.choice(["p", "q", "r"], rows), rng.random(rows) < 0.5
    note = [f"seen at the {rng.choice(['sea', 'lake', 'hill'])} by {rng.choice(WORDS)} once" for _ in range(rows)]
    score = 0.4 * (x - 20) + 1.5 * (level == "q") - truth + np.array(["sea" in text for text in note])
    kind = np.array(["one", "three", "two"])[np.digitize(score + rng.logistic(size=rows), [-0.5, 1.5])]
    gap = rng.random((3, rows)) < 0.08
    return {
        "x": [None if g else v for g, v in zip(gap[0], x.tolist(), strict=True)],
        "level": [None if g else v for g, v in zip(gap[1], level.tolist(), strict=True)],
        "truth": [None if g else v for g, v in zip(gap[2], truth.tolist(), strict=True)],
        "note": note,
        "kind": kind.tolist(),
    }


def noise_text(rows=300, seed=0):
    """Random words under random classes."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, size=12)) + f" {'abcdefghij'[i % 10] * 3}" for i in range(rows)]
    return {"text": texts, "kind": rng.choice(["a", "b", "c", "d"], rows).tolist()}


def rows_of(table, target="kind", **roles):
    """The rows of a table as training sees them, and an empty schema for their recipe."""
    named = {ROLES.get(name, name): value for name, value in roles.items()}
    request = Request(Roles(target, **named), C=1.0, holdout="none")
    found = train(pl.DataFrame(table), request, Source("t", "")).evidence
    assert found is not None
    assert isinstance(found.rows, Rows)
    return found.rows


def recipe(C=1.0, target="kind", seed=0, **like):
    return Recipe(Schema(target, (), **like), C, {}, seed)
