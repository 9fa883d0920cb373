"""Small fitted table models for the tests of files."""

from typing import Any

import polars as pl
from table.frames import measurements

from multilogit.table import Request, Source, TableModel, Trained, train
from multilogit.table.roles import Roles

SOURCE = Source("birds.csv", "ab" * 32)

ROLES = {"columns": "overrides", "references": "references", "weights": "weights", "groups": "groups"}


def frame(**changes: Any) -> pl.DataFrame:
    return pl.DataFrame(measurements() | changes)


def fitted(table: Any, target: str = "kind", **options: Any) -> Trained:
    """Train on a table; options are those of `Request`, and columns, references, weights, groups and products."""
    roles = {ROLES.get(name, name): options.pop(name) for name in [*ROLES, "products"] if name in options}
    return train(table, Request(Roles(target, **roles), **options), SOURCE)


def trained(**options: Any) -> TableModel:
    return fitted(frame(), **options).model


def with_labels(labels: Any, **options: Any) -> TableModel:
    """A model whose classes are two or three labels of any type."""
    places = dict(zip(("low", "mid", "top"), [*labels, labels[-1]][:3], strict=True))
    table = frame(kind=[places[kind] for kind in measurements()["kind"]])
    return fitted(table, **{"C": 1.0, "holdout": "none"} | options).model
