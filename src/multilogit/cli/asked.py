"""What the user asked of a training."""

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SUFFIX", "Training"]

SUFFIX = ".mlogit"  # of a model file


@dataclass(frozen=True)
class Training:
    """What the user asked of a training."""

    data: Path
    target: str | None
    output: Path
    report: Path | None = None
    test: Path | None = None
    columns: dict[str, str] = field(default_factory=dict)
    weights: str | None = None
    groups: str | None = None
    C: float | None = None
    holdout: str | float = "auto"
    seed: int = 0
    separator: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    na: tuple[str, ...] = ()
    strict: bool = False
    ignored: frozenset[str] = frozenset()
    quiet: bool = False
    as_json: bool = False
