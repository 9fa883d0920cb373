"""Command lines of multilogit, as a shell reads them."""

from os import PathLike
from typing import TYPE_CHECKING

from multilogit.cli.escape import shell_word

if TYPE_CHECKING:
    from multilogit.cli.asked import Training

__all__ = ["command", "repeated"]


def command(*words: str | PathLike[str]) -> str:
    """Return a command line; a path that begins with a dash is no option.

    Examples
    --------
    >>> from pathlib import Path
    >>> command("inspect", Path("-my model.mlogit"))
    "multilogit inspect './-my model.mlogit'"
    """
    plain = [
        f"./{word}" if isinstance(word, PathLike) and str(word).startswith("-") and str(word) != "-" else str(word)
        for word in words
    ]
    return " ".join(map(shell_word, ["multilogit", *plain]))


def repeated(asked: "Training") -> str:
    """Return the command that repeats a training."""
    words: list[str | PathLike[str]] = ["train", asked.data, "--target", asked.target or "", "-o", asked.output]
    for name, role in asked.columns.items():
        words += [f"--{role}", name]
    named = (
        ("--weights", asked.weights, None),
        ("--groups", asked.groups, None),
        ("--C", asked.C, None),
        ("--holdout", asked.holdout, "auto"),
        ("--seed", asked.seed, 0),
        ("--separator", asked.separator, None),
        ("--decimal", asked.decimal, "."),
        ("--encoding", asked.encoding, "utf-8"),
    )
    for option, value, default in named:
        words += [option, str(value)] if value != default else []
    for option, values in (("--na", asked.na), ("--ignore", sorted(asked.ignored))):
        for value in values:
            words += [option, value]
    return command(*words)
