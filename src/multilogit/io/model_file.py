"""The model file: everything that a `TableModel` is, as data.

The arrays are ``coef`` (K', D), ``intercept`` (K',), ``centre`` (D,) and ``centred_intercept`` (K',), where
K' = 1 if K = 2, else K; a prediction is softmax((X - centre) coef' + centred_intercept). The certificate of
separated classes adds ``direction`` (K', D + 1), and the j-th column of the schema, if it is free text, ``words_j``, in
UTF-8 with a line break between two of them, and ``idf_j``. The bytes depend on the model and on the versions that wrote
it, and on nothing else: there is no time in them.
"""

import platform
from collections.abc import Mapping
from dataclasses import fields, replace
from importlib import metadata
from pathlib import Path
from reprlib import repr as brief  # of what a file holds, which may be long or deep
from typing import Any

import numpy as np

from multilogit import __version__
from multilogit._arrays import Array
from multilogit._files import codec, container
from multilogit._files.atomic import write_atomically
from multilogit.errors import ModelFileError
from multilogit.estimators import LogisticRegression
from multilogit.estimators.coefficients import Coefficients
from multilogit.io.header import ARRAYS, DIRECTION, Header, Labels, check_model
from multilogit.table import Schema, TableModel
from multilogit.table.encoding import Text

__all__ = ["FORMAT", "VERSION", "begins_as_model", "dumps", "load", "loads", "save", "written_by"]

FORMAT = "multilogit-model"
VERSION = 1
VOCABULARY = ("words_", "idf_")
LABEL_DTYPES = frozenset({"str", *(np.dtype(code).name for code in "?bhilqBHILQefdgO")})


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
        return loads(container.read(Path(path)))
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
    header = Header(
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
    check_model(replace(header, schema=model.schema), {n: a for n, a in arrays.items() if not n.startswith(VOCABULARY)})
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
    check_model(header, arrays)
    return TableModel(schema, _estimator(header, arrays), header.record)


def written_by(path: str | Path) -> tuple[tuple[str, str], ...]:
    """Return the programs that wrote a model file, with their versions.

    Raises
    ------
    OSError, ModelFileError
        As `load`.
    """
    return _open(container.read(Path(path)))[0].written_by


def begins_as_model(path: str | Path) -> bool:
    """Return whether a file begins as a model file does, be the rest damaged or not.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with Path(path).open("rb") as file:
        return file.read(8 + len(container.START))[8:] == container.START


def _open(data: bytes) -> tuple[Header, dict[str, Array]]:
    content, arrays = container.unpack(data)
    if content.get("format") != FORMAT:
        raise ModelFileError(container.FOREIGN)
    if content.get("version") != VERSION:
        raise ModelFileError(
            f"the model file is of version {brief(content.get('version'))}, "
            f"and this program reads version {VERSION}. Install the version of multilogit that wrote it."
        )
    return codec.decode(Header, {codec.TAG: Header.__name__, **content}, "the header"), arrays


def _encode(header: Header) -> dict[str, Any]:
    return {field.name: codec.encode(getattr(header, field.name)) for field in fields(header)}


def _versions() -> tuple[tuple[str, str], ...]:
    packages = ("numpy", "scikit-learn")
    return (
        ("multilogit", __version__),
        ("python", platform.python_version()),
        *((name, metadata.version(name)) for name in packages),
    )


def _labels(classes: Array) -> Labels:
    dtype = "str" if classes.dtype.kind == "U" else classes.dtype.name
    if dtype not in LABEL_DTYPES:
        raise ModelFileError(f"class labels of type {dtype} cannot be stored")
    return Labels(dtype, tuple(classes.tolist()))


def _classes(labels: Labels) -> Array:
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


def _estimator(header: Header, arrays: Mapping[str, Array]) -> LogisticRegression:
    """Return a fitted estimator with the attributes of the one that was saved."""
    estimator = LogisticRegression(C=header.C)
    Coefficients(**{name: arrays[name] for name in ARRAYS}).give_to(estimator)
    estimator.classes_ = _classes(header.classes)
    estimator.n_features_in_ = arrays["coef"].shape[1]
    estimator.n_iter_ = np.array([header.n_iter], dtype=np.int32)
    estimator.solver_ = header.solver
    estimator.certificate_ = replace(header.certificate, direction=arrays.get(DIRECTION))
    return estimator
