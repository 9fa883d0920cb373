"""From a table to a classifier and back: how columns become a design matrix, and what the model is worth.

::

    a table -> source.py    a data frame, or a file (files/)
            -> columns.py   plain columns: numbers, booleans, text or dates, and what is missing
            -> decide.py    how each column is taken, and why   (roles.py: what the user said; text.py: its texts)
            -> target.py    the class labels, or why the column has none
            -> inputs.py    the rows to fit (rows.py), of the columns to learn from
    rows    -> split.py     which of them a fit may see
            -> schema.py    the encodings of the columns, learnt from those rows   (encoding/)
            -> encode.py    the design matrix X (N, D)
            -> strength.py  the choice of C
            -> fitting.py   encodings, C and coefficients
            -> assess.py    what that is worth on the other rows
            -> effects.py, explain.py, findings.py   what moves the answer, why a row got its own, what not to trust
            -> train.py     all of it, for a request.py; model.py predicts, record.py remembers, evaluate.py scores

Tables are data frames that narwhals can read: pandas, polars, pyarrow. Rows are counted from 1.
"""

from multilogit.table.model import Predictions, TableModel
from multilogit.table.record import Record, Source
from multilogit.table.request import Request
from multilogit.table.schema import Schema
from multilogit.table.train import Evidence, Trained, train

__all__ = [
    "Evidence",
    "Predictions",
    "Record",
    "Request",
    "Schema",
    "Source",
    "TableModel",
    "Trained",
    "train",
]
