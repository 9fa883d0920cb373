"""What every command does with an input that it cannot use."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LONGEST = 2_000  # letters of a sentence


def refused(found: Any, *parts: str) -> None:
    """Assert that a command said one sentence and failed."""
    assert found.exit_code == 1, found.output
    assert found.stderr.startswith("error: ")
    assert found.stderr.endswith("\n")
    assert found.stderr.count("\n") == 1, found.stderr
    assert "Traceback" not in found.output
    assert len(found.stderr) < LONGEST
    for part in parts:
        assert part in found.stderr, found.stderr


@contextmanager
def nothing_changed() -> Iterator[None]:
    """Assert that no file of this directory was made, removed or changed."""
    before = _contents()
    yield
    assert _contents() == before


def _contents() -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in Path().rglob("*")}
