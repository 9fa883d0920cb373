"""Small fitted table models for the tests of files."""

import polars as pl
from table.frames import measurements

from multilogit.table import Source, TableModel, train

SOURCE = Source("birds.csv", "ab" * 32)


def frame() -> pl.DataFrame:
    return pl.DataFrame(measurements())


def trained(**options) -> TableModel:
    return train(frame(), "kind", source=SOURCE, **options)


def with_labels(labels) -> TableModel:
    """A model whose classes are two or three labels of any type."""
    table = measurements()
    places = dict(zip(("low", "mid", "top"), [*labels, labels[-1]][:3], strict=True))
    return train(pl.DataFrame(table | {"kind": [places[kind] for kind in table["kind"]]}), "kind")
