"""What the user asked of a training."""

import math
from dataclasses import dataclass
from typing import Any

from multilogit.table.roles import Roles

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """What the user asked for; ``C`` is None for a choice, ``holdout`` "auto", "cv", "none" or a share.

    ``formula`` is the text that the roles came from, if there was one.
    """

    roles: Roles
    C: float | None = None
    holdout: str | float = "auto"
    seed: int = 0
    ignored: frozenset[str] = frozenset()
    missing_marks: tuple[str, ...] = ()
    formula: str | None = None

    def options(self) -> tuple[tuple[str, str], ...]:
        """Return the arguments of `multilogit.fit` that are not its defaults, as Python writes them.

        A formula is the first, if there was one.
        """
        roles = self.roles
        overrides = dict(roles.overrides)
        if self.formula is not None:  # it drops every column that it does not name
            overrides = {name: role for name, role in overrides.items() if role != "drop"}
        found: dict[str, tuple[Any, Any]] = {
            "formula": (self.formula, None),
            "C": (self.C, None),
            "weights": (roles.weights, None),
            "groups": (roles.groups, None),
            "columns": (overrides, {}),
            "holdout": (self.holdout, "auto"),
            "reference": (dict(roles.references), {}),
            "random_state": (self.seed, 0),
        }
        return tuple((name, _python(value)) for name, (value, default) in found.items() if value != default)


def _python(value: Any) -> str:
    return 'float("inf")' if value == math.inf else repr(value)
