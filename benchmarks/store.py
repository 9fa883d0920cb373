"""What is kept on disk between processes, under build/bench: data, optima and results."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.problem import Data

__all__ = [
    "FOLDER",
    "ROOT",
    "Results",
    "data_folder",
    "fingerprint",
    "load_data",
    "read_json",
    "remembered",
    "save_data",
]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench"
# What was measured anew: everything that was known of it is forgotten. What concerns a whole problem names no rival.
KEY = ("problem", "dtype", "rival")


def save_data(folder: Path, data: Data, recipe: str) -> None:
    """Write X (one file dense, three sparse), y, and what made them."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "y.npy", data.y)
    if sparse.issparse(data.X):
        for part in ("data", "indices", "indptr"):
            np.save(folder / f"{part}.npy", getattr(data.X, part))
    else:
        np.save(folder / "X.npy", data.X)
    shape = data.shape
    about = {
        "recipe": recipe,
        "shape": [shape.N, shape.D, shape.K, shape.stored],
        "exact": _fits_float32(data),
        "fingerprint": fingerprint(data),
    }
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


def load_data(folder: Path, dtype: str) -> Data:
    """Return the data with X of that type."""
    y = np.load(folder / "y.npy")
    if (folder / "X.npy").exists():
        return Data(np.load(folder / "X.npy"), y).astype(dtype)
    N, D, _, _ = read_json(folder / "about.json")["shape"]
    parts = tuple(np.load(folder / f"{part}.npy") for part in ("data", "indices", "indptr"))
    return Data(sparse.csr_matrix(parts, shape=(N, D)), y).astype(dtype)


def _fits_float32(data: Data) -> bool:
    """Return whether both types hold the same numbers, and so have the same optimum."""
    values = data.X.data if sparse.issparse(data.X) else data.X
    return bool(values.dtype == np.float32 or np.array_equal(values, values.astype(np.float32)))


def fingerprint(data: Data) -> str:
    """Return a digest of the numbers, as they are stored, and of the labels."""
    digest = hashlib.sha256(repr(data.shape).encode())
    values = data.X.data if sparse.issparse(data.X) else data.X
    digest.update(np.ascontiguousarray(values).data)
    digest.update(np.ascontiguousarray(data.y).data)
    return digest.hexdigest()[:16]


class Results:
    """Records as JSON lines, one file per problem; a new measurement of the same thing replaces the old one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, records: Iterable[dict[str, Any]], *, whole: bool = False) -> None:
        """Add records to a file in place of all those of the same problem, dtype and rival; ``whole``, of everything.

        A rival that no longer takes part is forgotten only then.
        """
        new = list(records)
        replaced = {_key(record) for record in new}
        kept = [] if whole else [record for record in self.read(name) if _key(record) not in replaced]
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(record) + "\n" for record in [*kept, *new])
        (self.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")

    def read(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the records of one file, or of all."""
        paths = sorted(self.folder.glob("*.jsonl")) if name is None else [self.folder / f"{name}.jsonl"]
        texts = (path.read_text(encoding="utf-8") for path in paths if path.exists())
        return [json.loads(line) for text in texts for line in text.splitlines()]


def _key(record: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(record.get(field) for field in KEY)


def read_json(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def remembered(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what the JSON file holds, making it first where it is absent."""
    if not path.exists():
        found = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), encoding="utf-8")
    return read_json(path)


def data_folder(name: str, *, quick: bool) -> Path:
    """Return where a problem's data are kept."""
    return FOLDER / ("quick" if quick else "full") / "data" / name
