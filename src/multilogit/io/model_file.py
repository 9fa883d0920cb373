"""The model file: everything that a `TableModel` is, as data.

The arrays are ``coef`` (K', D), ``intercept`` (K',), ``centre`` (D,) and ``centred_intercept`` (K',), where
K' = 1 if K = 2, else K; a prediction is softmax((X - centre) coef' + centred_intercept). The certificate of
separated classes adds ``direction`` (K', D + 1). The bytes depend on the model and on the versions that wrote
it, and on nothing else: there is no time in them.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from multilogit import __version__
from multilogit._arrays import Array
from multilogit._solvers.certificate import Certificate
from multilogit.errors import ModelFileError
from multilogit.estimators import LogisticRegression
from multilogit.estimators.coefficients import Coefficients
from multilogit.io import codec, container
from multilogit.io.atomic import write_atomically
from multilogit.table import Categorical, Schema, TableModel, TrainingRecord

__all__ = ["FORMAT", "VERSION", "begins_as_model", "dumps", "load", "loads", "save", "written_by"]

FORMAT = "multilogit-model"
VERSION = 1
ARRAYS = ("coef", "intercept", "centre", "centred_intercept")
DIRECTION = "direction"
LABEL_DTYPES = frozenset("biufUO")


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
    record: TrainingRecord


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
        schema=model.schema,
        record=model.record,
    )
    _check(header, arrays)
    return container.pack(_encode(header), arrays)


def loads(data: bytes) -> TableModel:
    """Return the model of a model file's bytes.

    Raises
    ------
    ModelFileError
        As `load`.
    """
    header, arrays = _open(data)
    _check(header, arrays)
    return TableModel(header.schema, _estimator(header, arrays), header.record)


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
    with path.open("rb") as file:
        size = path.stat().st_size
        first = file.read(8)
        container.header_length(first, size)
        return first + file.read()


def _open(data: bytes) -> tuple[_Header, dict[str, Array]]:
    content, arrays = container.unpack(data)
    if content.get("format") != FORMAT:
        raise ModelFileError(container.FOREIGN)
    if content.get("version") != VERSION:
        raise ModelFileError(
            f"the model file is of version {content.get('version')!r}, "
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
    if classes.dtype.kind not in LABEL_DTYPES:
        raise ModelFileError(f"class labels of type {classes.dtype} cannot be stored")
    return _Labels("str" if classes.dtype.kind == "U" else classes.dtype.name, tuple(classes.tolist()))


def _classes(labels: _Labels) -> Array:
    """Return the labels as the array they were."""
    try:
        dtype = np.dtype(labels.dtype)
        classes: Array = np.array(labels.values, dtype=dtype)
    except (TypeError, ValueError, OverflowError):
        raise ModelFileError(f"the class labels are not of their type {labels.dtype!r}") from None
    if dtype.kind not in LABEL_DTYPES or tuple(classes.tolist()) != labels.values:
        raise ModelFileError(f"the class labels are not of their type {labels.dtype!r}")
    return classes


def _estimator(header: _Header, arrays: Mapping[str, Array]) -> LogisticRegression:
    """Return a fitted estimator with the attributes of the one that was saved."""
    estimator = LogisticRegression(C=header.C)
    Coefficients(**{name: arrays[name] for name in ARRAYS}).give_to(estimator)
    estimator.classes_ = _classes(header.classes)
    estimator.n_features_in_ = len(header.schema.terms)
    estimator.n_iter_ = np.array([header.n_iter], dtype=np.int32)
    estimator.solver_ = header.solver
    estimator.certificate_ = replace(header.certificate, direction=arrays.get(DIRECTION))
    return estimator


def _check(header: _Header, arrays: Mapping[str, Array]) -> None:
    """Raise unless the parts of a model agree with each other."""
    classes, columns = header.classes.values, header.schema.columns
    names = [column.name for column in columns]
    levels = [column.levels for column in columns if isinstance(column, Categorical)]
    if len(classes) < 2 or any(len(set(items)) != len(items) for items in (classes, names, *levels)):
        raise ModelFileError("the classes, columns and levels of a model must differ, and the classes be two or more")
    if len(header.record.class_counts) != len(classes):
        raise ModelFileError("the model must hold one count of rows per class")
    rows, D = 1 if len(classes) == 2 else len(classes), len(header.schema.terms)
    shapes = {"coef": (rows, D), "intercept": (rows,), "centre": (D,), "centred_intercept": (rows,)}
    if DIRECTION in arrays:
        shapes[DIRECTION] = (rows, D + 1)
    if (found := {name: array.shape for name, array in arrays.items()}) != shapes:
        raise ModelFileError(f"the arrays have the shapes {found}, expected {shapes}")
    for name, array in arrays.items():
        # A class that had no weight has the intercept -inf; every other number is finite.
        allowed = ~np.isnan(array) if name.endswith("intercept") else np.isfinite(array)
        if not allowed.all():
            raise ModelFileError(f"the array {name!r} holds numbers that are not finite")
