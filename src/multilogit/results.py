"""`multilogit.fit` and what it returns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from multilogit import io, report
from multilogit._arrays import Array
from multilogit.errors import InputError
from multilogit.inference import Comparison
from multilogit.table.columns import read_columns
from multilogit.table.encode import Novelty
from multilogit.table.evaluate import evaluated
from multilogit.table.explain import Explanation, explain_row
from multilogit.table.request import Request
from multilogit.table.roles import Roles
from multilogit.table.source import Opened, opened, roles_of_formula
from multilogit.table.train import Trained, train
from multilogit.table.words import counted

__all__ = ["Evaluation", "Results", "fit", "load"]

_NUMBERS = (int, float, np.integer, np.floating)


@dataclass(frozen=True, repr=False)
class Evaluation:
    """The metrics of a model on a table, each a `Comparison` with the class shares of its training rows.

    It iterates over them; ``evaluation["log_loss"]`` is one: log_loss, brier, accuracy or balanced_accuracy. Where
    ``is_training_data``, the table is the very one that was fitted, and the scores say nothing about other rows.

    Attributes
    ----------
    comparisons : tuple of Comparison
    rows, left_out : int
        Rows that were scored, and rows without a target or of weight 0.
    novelties : tuple of Novelty
        What training never saw.
    is_training_data : bool
    """

    comparisons: tuple[Comparison, ...]
    rows: int
    left_out: int
    novelties: tuple[Novelty, ...]
    is_training_data: bool

    def __iter__(self) -> Iterator[Comparison]:
        return iter(self.comparisons)

    def __getitem__(self, metric: str) -> Comparison:
        for each in self.comparisons:
            if each.metric == metric:
                return each
        raise KeyError(f"{metric!r} is none of {', '.join(each.metric for each in self.comparisons)}")

    def section(self, of: str) -> report.Section:
        """Return it as a section of a text."""
        sentences = [f"Scored {counted(self.rows, 'row')}"]
        sentences += [f"Left out {counted(self.left_out, 'row')} without a target or weight"] if self.left_out else []
        sentences += [f"Note: {each.sentence()}" for each in self.novelties]
        sentences += [report.wording.TRAINING_DATA] if self.is_training_data else []
        table = report.wording.scores(self.comparisons)
        return report.Section("evaluation", f"Scores of {of}", tuple(sentences), tables=(table,))

    def __repr__(self) -> str:
        return report.plain([self.section("the model")])


@dataclass(frozen=True, repr=False)
class Results(Trained):
    """A model of a table, what it is worth, why it says what it says, and what not to trust.

    Printed, it is what `multilogit train` shows.

    Attributes
    ----------
    model : TableModel
        Schema, estimator and record of the training.
    evidence : Evidence or None
        The rows behind it, in memory only: None for a model that was read from a file.
    certificate : Certificate
        How far the fit can be from its optimum.
    findings : tuple of Finding
        What not to trust, the worst first.
    decisions : tuple of Decision
        What was decided about every column.
    classes : tuple
        The classes, in order, of the type that they have in the table.
    """

    def __repr__(self) -> str:
        return report.plain(report.summary(self))

    def predict(self, table: Any) -> Any:
        """Return the most probable class of every row, as a series of the table's library with the table's index.

        Parameters
        ----------
        table : pandas, polars or pyarrow table, mapping of columns, or path
            With the model's columns; others, the target among them, are ignored. A path gives a polars series.

        Raises
        ------
        InputError
            If a column is missing, holds another kind of value than in training, or an infinite number.
        """
        frame = self._frame(table)
        return _series(frame, "prediction", self.model.predict(frame).labels)

    def predict_proba(self, table: Any) -> Any:
        """Return the probabilities, as a frame of the table's library with a column ``p_<class>`` for each class.

        Parameters and errors are those of `predict`.
        """
        frame = self._frame(table)
        found = self.model.predict(frame)
        return _frame(frame, dict(zip(found.names, found.probabilities.T, strict=True)))

    def evaluate(self, table: Any) -> Evaluation:
        """Return every metric on a table with the target, beside that of the training rows' class shares.

        The intervals, at 95%, are of the difference, by 2,000 paired bootstrap draws. Rows without a target are left
        out; where the model was trained with weights and the table has that column too, it weighs the rows.

        Raises
        ------
        InputError
            If the target is missing, or holds a class that the model does not know.
        """
        known = self._opened(table)
        found = evaluated(self.model, known.for_prediction(self.model.schema))
        same = known.source.sha256 == self.model.record.source.sha256
        return Evaluation(found.comparisons, found.rows, found.left_out, found.novelties, same)

    def explain(self, row: Any, vs: Any = None) -> Explanation:
        """Explain the class of one row: what every column adds to the log-odds of two classes.

        Parameters
        ----------
        row : mapping, pandas Series, or table of one row
            Of columns to values.
        vs : class, optional
            What to compare the predicted class with; the runner-up by default.

        Raises
        ------
        InputError
            If there is not exactly one row, a column is missing, or no such class.
        """
        columns = read_columns(self._frame(_as_table(row)))
        rows = len(next(iter(columns.values())).missing) if columns else 0
        if rows != 1:
            raise InputError(f"explain takes one row. Got a table of {rows:,}; pass one of its rows.")
        return explain_row(self.model, columns, 0, vs)

    def save(self, path: str | Path) -> None:
        """Write the model to a file, whole or not at all; the file holds data only, and no row."""
        io.check_replaceable(Path(path), io.begins_as_model, "a model")
        io.save(self.model, path)

    def report(self, path: str | Path) -> None:
        """Write the report: one file of HTML, whole or not at all, that needs nothing else.

        Raises
        ------
        InputError
            If jinja2 or matplotlib is not installed.
        OSError
            If the file cannot be written.
        """
        io.check_replaceable(Path(path), report.begins_as_report, "a report of multilogit")
        report.write(self, path)

    def _opened(self, table: Any) -> Opened:
        return opened(table, self.model.schema.missing_marks)

    def _frame(self, table: Any) -> Any:
        return self._opened(table).for_prediction(self.model.schema)


def load(path: str | Path) -> Results:
    """Read a model from a file; its predictions are to the last bit those of the model that was saved.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ModelFileError
        If it is not a model file, is damaged or cut short, or of a version that this program does not know.
    """
    return Results(io.load(path))


def fit(
    data: Any,
    target: Any,
    *,
    C: str | float = "auto",
    weights: str | None = None,
    groups: str | None = None,
    columns: Mapping[str, str] | None = None,
    holdout: str | float = "auto",
    reference: Mapping[str, str] | None = None,
    random_state: int = 0,
) -> Results:
    """Fit softmax regression to a raw table, and say what it is worth and what not to trust.

    The model minimises ``C sum_i w_i loss_i + |W|^2 / 2``, where ``loss_i = -log softmax(x_i W + b)[y_i]`` and x_i
    holds the terms (D,) of a row: numbers are standardised, (x - mean) / sd, so that C means the same in every unit;
    levels and truth values are 0 or 1; words are TF-IDF. Every choice is learnt from the rows of each fit alone.

    Parameters
    ----------
    data : pandas, polars or pyarrow table, mapping of columns, or path
        A path names a CSV or TSV file, packed by gzip or not, or a Parquet file. Or a formula: then ``target`` is the
        table, as in ``fit("species ~ island + bill_length_mm", table)``.
    target : str
        The column of classes.
    C : "auto", float or inf
        Inverse strength of the penalty. "auto" takes the best of 20 values from 1e-4 to 1e4 by cross-validated log
        loss, and looks further while the best lies at an edge; in fits of a million rows x classes or more, the largest
        values only while they may win. With inf there is none: every column of levels then has
        a reference without coefficients, its most frequent level.
    weights : str, optional
        A column of numbers >= 0: how many rows each stands for.
    groups : str, optional
        A column: rows with the same value are never on both sides of a split.
    columns : mapping, optional
        Of names to "numeric", "categorical", "text" or "drop", in place of what would be decided.
    holdout : "auto", "cv", "none" or float
        What scores the model: a stratified share of the rows (0.2 from 5,000 rows on), or 5-fold cross-validation.
        The model itself is fitted to all rows.
    reference : mapping, optional
        Of columns to the level that takes the place of the most frequent one where C is inf.
    random_state : int
        Of every random draw.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        If the table cannot be learned from: a sentence says why, and what to do.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> import multilogit
    >>> table = {
    ...     "length": [4.9, 5.1, 5.0, 5.3, 4.8, 6.4, 6.9, 6.1, 5.2, 6.6],
    ...     "place": ["a", "a", "b", "a", "b", "b", "a", "b", "b", "b"],
    ...     "kind": ["small", "small", "small", "small", "small", "large", "large", "large", "large", "large"],
    ... }
    >>> results = multilogit.fit(table, "kind", C=1.0)
    >>> results.classes
    ('large', 'small')
    >>> explained = results.explain({"length": 6.5, "place": "a"})
    >>> explained.predicted, explained.parts[0].label
    ('large', 'length = 6.5')
    """
    for argument, name in (("weights", weights), ("groups", groups)):
        if name is not None and not isinstance(name, str):
            raise InputError(f"{argument} must be the name of a column. Got {type(name).__name__}.")
    roles = Roles(target, weights, groups, dict(columns or {}), dict(reference or {}))
    formula = data if isinstance(data, str) and "~" in data and not _is_path(data) else None
    if formula is not None:
        table = opened(target)
        roles = roles_of_formula(formula, roles, table.names)
    else:
        table = opened(data)
        if not isinstance(target, str):
            raise InputError(
                f"target must be the name of a column. Got {type(target).__name__}. "
                "To fit arrays, use multilogit.LogisticRegression."
            )
    request = Request(roles, _strength(C), _holdout(holdout), _seed(random_state), formula=formula)
    found = train(table.for_training(roles), request, table.source)
    return Results(found.model, found.evidence)


def _is_path(text: str) -> bool:
    """Return whether a text with a ~ is the path of a file, and no formula."""
    try:
        return text.startswith("~/") or Path(text).expanduser().is_file()
    except (OSError, RuntimeError):  # too long for a path; or "~ x", which is nobody's home
        return False


def _strength(C: Any) -> float | None:
    if isinstance(C, str) and C == "auto":
        return None
    if isinstance(C, bool) or not isinstance(C, _NUMBERS) or not C > 0:
        raise InputError(f"C must be 'auto', a number > 0, or inf for no penalty. Got {C!r}.")
    return float(C)


def _holdout(holdout: Any) -> str | float:
    if isinstance(holdout, str) and holdout in {"auto", "cv", "none"}:
        return holdout
    if isinstance(holdout, bool) or not isinstance(holdout, _NUMBERS) or not 0 < holdout <= 0.9:
        raise InputError(f"holdout must be 'auto', 'cv', 'none' or a share above 0 and up to 0.9. Got {holdout!r}.")
    return float(holdout)


def _seed(random_state: Any) -> int:
    if (
        isinstance(random_state, bool)
        or not isinstance(random_state, (int, np.integer))
        or not 0 <= random_state < 2**32
    ):
        raise InputError(f"random_state must be a whole number from 0 to 4294967295. Got {random_state!r}.")
    return int(random_state)


def _as_table(row: Any) -> Any:
    """Return one row, by the names of its columns, as a table; anything else is a table already."""
    if isinstance(row, Mapping):
        return {name: [value] for name, value in row.items()}
    if hasattr(row, "to_frame") and hasattr(row, "items"):  # a pandas Series, whose items are names and values
        return {str(name): [value] for name, value in row.items()}
    return row


def _series(frame: Any, name: str, values: Array) -> Any:
    return _like(frame, nw.new_series(name, values.tolist(), backend=_library(frame)))


def _frame(frame: Any, columns: Mapping[str, Array]) -> Any:
    return _like(frame, nw.from_dict(dict(columns), backend=_library(frame)))


def _library(frame: Any) -> Any:
    return nw.from_native(frame, eager_only=True).implementation


def _like(frame: Any, made: Any) -> Any:
    """Return a series or frame of the same library, with the index of the rows if that library has one."""
    native = nw.to_native(made)
    if (index := nw.maybe_get_index(nw.from_native(frame, eager_only=True))) is not None:
        native.index = index
    return native
