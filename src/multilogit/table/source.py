"""Where a table comes from: a data frame of any library that narwhals reads, a mapping of columns, or a file."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from multilogit.errors import InputError
from multilogit.table.columns import read_columns
from multilogit.table.formula import parse_formula
from multilogit.table.record import Source
from multilogit.table.roles import Roles
from multilogit.table.schema import Schema
from multilogit.table.words import shown

__all__ = ["Opened", "opened", "roles_of_formula"]

_LIBRARIES = ("pandas", "polars", "pyarrow")  # of which one makes a frame of a mapping


@dataclass(frozen=True)
class Opened:
    """A data frame, or a file whose types are still to be found; and where it came from."""

    content: Any
    source: Source

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self.content.names if self._is_file else tuple(_known(self.content).columns)

    def for_training(self, roles: Roles) -> Any:
        """Return the data frame, with the types that its values show; what is to be levels or words stays text."""
        if not self._is_file:
            return self.content
        as_text = [name for name, role in roles.overrides.items() if role in {"categorical", "text"}]
        return self.content.for_training(roles.target, as_text)

    def for_prediction(self, schema: Schema) -> Any:
        """Return the data frame, with the types that a model expects."""
        return self.content.for_prediction(schema) if self._is_file else self.content

    @property
    def _is_file(self) -> bool:
        return hasattr(self.content, "for_prediction")


def opened(data: Any, marks: tuple[str, ...] = ()) -> Opened:
    """Open a table; ``marks`` mean missing values in a text file, in place of the usual ones.

    Raises
    ------
    OSError
        If a file cannot be read.
    InputError
        If there is no table in it.
    """
    if isinstance(data, Opened):
        return data
    if isinstance(data, (str, Path)):
        return _of_file(Path(data).expanduser(), marks)
    if isinstance(data, Mapping):
        data = _of_mapping(data)
    return Opened(data, Source(f"a {_known(data).implementation.name.lower()} table", _hash(data)))


def roles_of_formula(text: str, roles: Roles, names: Collection[str]) -> Roles:
    """Return the roles that a formula gives to the columns of a table, beside those that were named."""
    found = parse_formula(text, names)
    kept = {found.target, *found.columns, roles.weights, roles.groups}
    overrides = {name: "drop" for name in names if name not in kept}
    overrides |= dict.fromkeys(found.levels, "categorical") | dict(roles.overrides)
    return replace(
        roles, target=found.target, overrides=overrides, products=found.products, wanted=frozenset(found.columns)
    )


def _of_mapping(data: Mapping[str, Any]) -> Any:
    for name, values in data.items():
        if isinstance(values, str) or not hasattr(values, "__len__"):
            raise InputError(
                f"a mapping must hold columns of values, and {name!r} is {shown(values)}; put it into a list."
            )
    sizes = {name: len(values) for name, values in data.items()}
    if len(set(sizes.values())) > 1:
        few, many = (pick(sizes, key=lambda name: sizes[name]) for pick in (min, max))
        raise InputError(
            f"the columns of a table must be of one length. Got {sizes[few]} values of {few!r} and {sizes[many]} of "
            f"{many!r}."
        )
    return nw.to_native(nw.from_dict(dict(data), backend=_library()))


def _known(data: Any) -> nw.DataFrame[Any]:
    try:
        return nw.from_native(data, eager_only=True)
    except nw.exceptions.DuplicateError:
        raise InputError("the table has two columns of the same name; give every column its own.") from None
    except TypeError:
        raise InputError(
            f"expected a pandas, polars or pyarrow table, a mapping of columns, or a path. Got {type(data).__name__}."
        ) from None


def _of_file(path: Path, marks: tuple[str, ...]) -> Opened:
    if find_spec("polars") is None:
        raise InputError("reading a file needs polars. Run: pip install 'multilogit[cli]', or pass a data frame.")
    from multilogit.table.files import MISSING_MARKS, Format, read_table  # noqa: PLC0415  (an extra)

    file = read_table(path, Format(missing_marks=marks or MISSING_MARKS))
    return Opened(file, file.source)


def _library() -> Any:
    for name in _LIBRARIES:
        if find_spec(name) is not None:
            return name
    raise InputError(f"a mapping of columns needs one of {', '.join(_LIBRARIES)}. Install one, or pass a data frame.")


def _hash(frame: Any) -> str:
    """Return the SHA-256 of names and values, the same from every library."""
    digest = hashlib.sha256()
    for column in read_columns(frame).values():
        digest.update(repr((column.name, column.kind.value)).encode())
        digest.update(column.missing.tobytes())
        digest.update(
            column.values.tobytes() if column.values.dtype != object else repr(column.values.tolist()).encode()
        )
    return digest.hexdigest()
