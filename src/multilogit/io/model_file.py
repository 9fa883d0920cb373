"""The model file: everything that a `TableModel` is, as data.

The arrays are ``coef`` (K', D), ``intercept`` (K',), ``centre`` (D,) and ``centred_intercept`` (K',), where
K' = 1 if K = 2, else K; a prediction is softmax((X - centre) coef' + centred_intercept). The certificate of
separated classes adds ``direction`` (K', D + 1), and the j-th column of the schema, if it is free text, ``words_j``, in
UTF-8 with a line break between two of them, and ``idf_j``. The bytes depend on the model and on the versions that wrote
it, and on nothing else: there is no time in them.
"""

import math
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import metadata
from pathlib import Path
from reprlib import repr as brief  # of what a file holds, which may be long or deep
from typing import Any

import numpy as np

from multilogit import __version__
from multilogit._arrays import Array
from multilogit._solvers.certificate import Certificate
from multilogit.errors import ModelFileError
from multilogit.estimators import LogisticRegression
from multilogit.estimators.coefficients import Coefficients
from multilogit.inference.bootstrap import METRICS
from multilogit.io import codec, container
from multilogit.io.atomic import write_atomically
from multilogit.table import Record, Schema, TableModel
from multilogit.table.encoding import Categorical, Numeric, Text
from multilogit.table.schema import values_of

__all__ = ["FORMAT", "VERSION", "begins_as_model", "dumps", "load", "loads", "save", "written_by"]

FORMAT = "multilogit-model"
VERSION = 1
ARRAYS = ("coef", "intercept", "centre", "centred_intercept")
DIRECTION = "direction"
VOCABULARY = ("words_", "idf_")
MOST_FACTORS = 64  # of a product of columns
LABEL_DTYPES = frozenset({"str", *(np.dtype(code).name for code in "?bhilqBHILQefdgO")})


@dataclass(frozen=True)
class _Labels:
    """The classes, in order, and the NumPy type of their array."""

    dtype: str
    values: tuple[bool, ...] | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]


@dataclass(frozen=True)
class _Header:
    """Everything but the arrays; the certificate's direction is one of them."""

    format: str
    version: int
    written_by: tuple[tuple[str, str], ...]
    classes: _Labels
    C: float
    solver: str
    n_iter: int
    certificate: Certificate
    schema: Schema
    record: Record


def save(model: TableModel, path: str | Path) -> None:
    """Write a model to a file, whole or not at all.

    Parameters
    ----------
    model : TableModel
    path : str or Path

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    write_atomically(Path(path), dumps(model))


def load(path: str | Path) -> TableModel:
    """Read a model from a file; its predictions are to the last bit those of the model that was saved.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ModelFileError
        If it is not a model file, is damaged or cut short, or of a version that this program does not know.
    """
    try:
        return loads(_read(Path(path)))
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from None


def dumps(model: TableModel) -> bytes:
    """Return the bytes of the model file.

    Raises
    ------
    ModelFileError
        If a number among the coefficients is NaN or infinite.
    InputError
        If the names and levels are too many to store.
    """
    estimator = model.estimator
    coefficients = Coefficients.of_fitted(estimator)
    arrays = {name: np.asarray(getattr(coefficients, name)) for name in ARRAYS}
    if (direction := estimator.certificate_.direction) is not None:
        arrays[DIRECTION] = direction
    header = _Header(
        format=FORMAT,
        version=VERSION,
        written_by=_versions(),
        classes=_labels(np.asarray(estimator.classes_)),
        C=float(estimator.C),
        solver=str(estimator.solver_),
        n_iter=int(estimator.n_iter_[0]),
        certificate=replace(estimator.certificate_, direction=None),
        schema=_without_words(model.schema, arrays),
        record=model.record,
    )
    _check(replace(header, schema=model.schema), {n: a for n, a in arrays.items() if not n.startswith(VOCABULARY)})
    return container.pack(_encode(header), arrays)


def loads(data: bytes) -> TableModel:
    """Return the model of a model file's bytes.

    Raises
    ------
    ModelFileError
        As `load`.
    """
    header, arrays = _open(data)
    schema = _with_words(header.schema, arrays)
    header = replace(header, schema=schema)
    _check(header, arrays)
    return TableModel(schema, _estimator(header, arrays), header.record)


def written_by(path: str | Path) -> tuple[tuple[str, str], ...]:
    """Return the programs that wrote a model file, with their versions.

    Raises
    ------
    OSError, ModelFileError
        As `load`.
    """
    return _open(_read(Path(path)))[0].written_by


def begins_as_model(path: str | Path) -> bool:
    """Return whether a file begins as a model file does, be the rest damaged or not.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with Path(path).open("rb") as file:
        return file.read(8 + len(container.START))[8:] == container.START


def _read(path: Path) -> bytes:
    """Return the bytes of a file, once its header accounts for all of them."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        first = file.read(8)
        header = file.read(container.header_length(first, size))
        return first + header + file.read(container.payload_length(header, size))


def _open(data: bytes) -> tuple[_Header, dict[str, Array]]:
    content, arrays = container.unpack(data)
    if content.get("format") != FORMAT:
        raise ModelFileError(container.FOREIGN)
    if content.get("version") != VERSION:
        raise ModelFileError(
            f"the model file is of version {brief(content.get('version'))}, "
            f"and this program reads version {VERSION}. Install the version of multilogit that wrote it."
        )
    return codec.decode(_Header, {codec.TAG: _Header.__name__, **content}, "the header"), arrays


def _encode(header: _Header) -> dict[str, Any]:
    return {field.name: codec.encode(getattr(header, field.name)) for field in fields(header)}


def _versions() -> tuple[tuple[str, str], ...]:
    packages = ("numpy", "scikit-learn")
    return (
        ("multilogit", __version__),
        ("python", platform.python_version()),
        *((name, metadata.version(name)) for name in packages),
    )


def _labels(classes: Array) -> _Labels:
    dtype = "str" if classes.dtype.kind == "U" else classes.dtype.name
    if dtype not in LABEL_DTYPES:
        raise ModelFileError(f"class labels of type {dtype} cannot be stored")
    return _Labels(dtype, tuple(classes.tolist()))


def _classes(labels: _Labels) -> Array:
    """Return the labels as the array they were."""
    fault = ModelFileError(f"the class labels are not of their type {brief(labels.dtype)}")
    if labels.dtype not in LABEL_DTYPES:
        raise fault
    try:
        classes: Array = np.array(labels.values, dtype=labels.dtype)
    except (TypeError, ValueError, OverflowError):
        raise fault from None
    if tuple(classes.tolist()) != labels.values:
        raise fault
    return classes


def _without_words(schema: Schema, arrays: dict[str, Array]) -> Schema:
    """Return the schema with empty vocabularies, which the arrays hold from now on."""
    columns = list(schema.columns)
    for j, column in enumerate(columns):
        if isinstance(column, Text):
            arrays[f"words_{j}"] = np.frombuffer("\n".join(column.words).encode(), dtype=np.uint8)
            arrays[f"idf_{j}"] = np.array(column.idf, dtype=np.float64)
            columns[j] = replace(column, words=(), idf=())
    return replace(schema, columns=tuple(columns))


def _with_words(schema: Schema, arrays: dict[str, Array]) -> Schema:
    """Return the schema with the vocabularies that the arrays held until now."""
    columns = list(schema.columns)
    for j, column in enumerate(columns):
        if not isinstance(column, Text):
            continue
        words, idf = (arrays.pop(f"{name}{j}", None) for name in VOCABULARY)
        if words is None or idf is None or words.dtype != np.uint8 or words.ndim != 1 or idf.dtype != np.float64:
            raise ModelFileError(f"the words of the column {brief(column.name)} are missing")
        try:
            texts = tuple(words.tobytes().decode().split("\n"))
        except UnicodeDecodeError:
            raise ModelFileError(f"the words of the column {brief(column.name)} are no text") from None
        if idf.shape != (len(texts),) or not np.isfinite(idf).all():
            name = brief(column.name)
            raise ModelFileError(f"the column {name} has {len(texts)} words and {idf.shape} finite weights")
        columns[j] = replace(column, words=texts, idf=tuple(idf.tolist()))
    return replace(schema, columns=tuple(columns))


def _estimator(header: _Header, arrays: Mapping[str, Array]) -> LogisticRegression:
    """Return a fitted estimator with the attributes of the one that was saved."""
    estimator = LogisticRegression(C=header.C)
    Coefficients(**{name: arrays[name] for name in ARRAYS}).give_to(estimator)
    estimator.classes_ = _classes(header.classes)
    estimator.n_features_in_ = arrays["coef"].shape[1]
    estimator.n_iter_ = np.array([header.n_iter], dtype=np.int32)
    estimator.solver_ = header.solver
    estimator.certificate_ = replace(header.certificate, direction=arrays.get(DIRECTION))
    return estimator


def _check(header: _Header, arrays: Mapping[str, Array]) -> None:
    """Raise unless the parts of a model agree with each other."""
    classes, columns = header.classes.values, header.schema.columns
    names = [column.name for column in columns]
    levels = [column.levels for column in columns if isinstance(column, Categorical)]
    levels += [column.words for column in columns if isinstance(column, Text)]
    if len(classes) < 2 or any(len(set(items)) != len(items) for items in (classes, names, *levels)):
        raise ModelFileError("the classes, columns and levels of a model must differ, and the classes be two or more")
    _check_record(header.record, len(classes))
    _check_numbers(header)
    _check_arrays(len(classes), _n_terms(header.schema), arrays)


def _n_terms(schema: Schema) -> int:
    """Return how many columns X has, counted but not made: a product of products may have more than can be made."""
    values = {column.name: values_of(column) for column in schema.columns}
    total = sum(len(column.terms) for column in schema.columns)
    for names in schema.products:
        if not values.keys() >= set(names) or len(names) > MOST_FACTORS:
            raise ModelFileError("a product of the model is of columns that it does not have, or of too many")
        total += math.prod(values[name] for name in names)
    return total


def _check_arrays(K: int, D: int, arrays: Mapping[str, Array]) -> None:
    rows = 1 if K == 2 else K
    shapes = {"coef": (rows, D), "intercept": (rows,), "centre": (D,), "centred_intercept": (rows,)}
    if DIRECTION in arrays:
        shapes[DIRECTION] = (rows, D + 1)
    if (found := {name: array.shape for name, array in arrays.items()}) != shapes:
        raise ModelFileError(f"the arrays have the shapes {brief(found)}, expected {brief(shapes)}")
    for name, array in arrays.items():
        # A class that had no weight has the intercept -inf; every other number is finite.
        allowed = ~np.isnan(array) if name.endswith("intercept") else np.isfinite(array)
        if not allowed.all() or array.dtype != np.float64:
            raise ModelFileError(f"the array {name!r} holds numbers that are not finite, or of another type")


def _check_numbers(header: _Header) -> None:
    """Raise unless every number that a prediction is made of, in the header, is one that a training may give."""
    numeric = [column for column in header.schema.columns if isinstance(column, Numeric)]
    known = all(math.isfinite(each.mean) and math.isfinite(each.median) and each.sd > 0 for each in numeric)
    if not known or not header.C > 0 or not 0 <= header.n_iter < 2**31:
        raise ModelFileError("a mean, standard deviation, C or number of iterations is none")


def _check_record(record: Record, K: int) -> None:
    """Raise unless the record is of so many classes, and its counts are counts."""
    if len(record.class_counts) != K or len(record.prior) != K:
        raise ModelFileError("the model must hold one count of rows per class")
    counts = (record.rows_read, record.rows_used, *record.class_counts, *(count for _, count in record.left_out))
    if min(counts) < 0 or not all(0.0 <= share <= 1.0 for share in record.prior):
        raise ModelFileError("the counts and shares of rows must not be negative")
    lengths = [K, *(len(effect.change) for effect in record.effects)]
    if (found := record.assessment) is not None:
        parts = found.reliability
        if [each.metric for each in found.comparisons] != list(METRICS):
            raise ModelFileError(f"the scores of the model must be {', '.join(METRICS)}")
        if not (n := len(parts.right)) or [len(parts.confidence), len(parts.low), len(parts.high)] != [n, n, n]:
            raise ModelFileError("the bins of the reliability do not agree with each other")
    choice = record.choice
    if set(lengths) != {K} or (choice is not None and not len(choice.Cs) == len(choice.losses) > 0):
        raise ModelFileError("the effects of the columns, or the choice of C, are not of these classes")
