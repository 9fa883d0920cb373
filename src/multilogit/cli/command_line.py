"""Command lines of multilogit, as a shell reads them."""

from os import PathLike
from typing import TYPE_CHECKING

from multilogit.cli.escape import shell_word

if TYPE_CHECKING:
    from multilogit.cli.asked import Training

__all__ = ["command", "repeated", "written_like"]


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


def written_like(asked: "Training") -> list[str]:
    """Return the options that tell how the text of the data is written."""
    named = (
        ("--separator", asked.separator, None),
        ("--decimal", asked.decimal, "."),
        ("--encoding", asked.encoding, "utf-8"),
    )
    return [word for option, value, default in named if value not in {default, None} for word in (option, str(value))]


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
        ("--test", asked.test, None),
    )
    for option, value, default in named:
        words += [option, str(value)] if value != default else []
    words += written_like(asked)
    for option, values in (("--na", asked.na), ("--ignore", sorted(asked.ignored))):
        for value in values:
            words += [option, value]
    return command(*words)
