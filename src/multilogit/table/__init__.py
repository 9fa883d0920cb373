"""From a table to a classifier and back: how columns become a design matrix.

::

    a table -> columns.py   plain columns: numbers, booleans, text or dates, and what is missing
            -> decide.py    each column's treatment, or why it is left out   (schema.py)
            -> target.py    the class labels, or why the column has none
                            (text.py: texts that are numbers, amounts or dates)
            -> encode.py    the design matrix X (N, D)
            -> train.py     the whole way from rows to a `TableModel`, with its held-out scores
            -> model.py     predictions that keep every row in its place

Tables are data frames that narwhals can read: pandas, polars, pyarrow. Rows are counted from 1.
"""

from multilogit.table.model import Predictions, TableModel
from multilogit.table.record import HeldOut, Source, TrainingRecord
from multilogit.table.schema import Boolean, Categorical, LeftOut, Numeric, Schema, Treatment
from multilogit.table.train import train

__all__ = [
    "Boolean",
    "Categorical",
    "HeldOut",
    "LeftOut",
    "Numeric",
    "Predictions",
    "Schema",
    "Source",
    "TableModel",
    "TrainingRecord",
    "Treatment",
    "train",
]
