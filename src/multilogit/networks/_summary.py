"""The table of a model's layers: as Keras 3 prints it, or as the articles of its first years show it."""

import shutil
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["LayerLine", "article", "keras"]

_WIDEST = 88


@dataclass(frozen=True)
class LayerLine:
    """A layer: None for what is not known before the model is built."""

    name: str
    kind: str
    width: int | None
    parameters: int | None

    @property
    def shape(self) -> str:
        """The shape of its outputs."""
        return "?" if self.width is None else f"(None, {self.width})"


def keras(name: str, lines: list[LayerLine], extra: int | None, itemsize: int, line_length: int | None) -> str:
    """Return Keras 3's table; ``extra`` is what the optimizer holds beside the weights, None before a fit."""
    length = line_length or min(_WIDEST, shutil.get_terminal_size().columns - 4)
    widths = _columns(length)
    head = ["Layer (type)", "Output Shape", "Param #"]
    rows = [
        [f"{each.name} ({each.kind})", each.shape, "0 (unbuilt)" if each.parameters is None else f"{each.parameters:,}"]
        for each in lines
    ]
    text = [f'Model: "{name}"', _rule("┏┳┓", "━", widths), *_cells("┃", head, widths), _rule("┡╇┩", "━", widths)]
    for i, row in enumerate(rows):
        text += [*([_rule("├┼┤", "─", widths)] if i else []), *_cells("│", row, widths)]
    text.append(_rule("└┴┘", "─", widths))
    weights = sum(each.parameters or 0 for each in lines)
    beside = (extra or 0, max((extra or 0) - 1, 0) * itemsize + 4 * bool(extra))  # its counter of steps has 4 bytes
    own = (weights, weights * itemsize)
    totals = [("Total", (own[0] + beside[0], own[1] + beside[1])), ("Trainable", own), ("Non-trainable", (0, 0))]
    totals += [] if extra is None else [("Optimizer", beside)]
    return "\n".join(text + [f" {what} params: {count:,} ({_size(size)})" for what, (count, size) in totals])


def article(lines: list[LayerLine]) -> str:
    """Return the table of Keras's first years, in which layers are numbered from 1: dense_1, dense_2, ..."""
    counts: dict[str, int] = {}
    rule, double = "_" * 65, "=" * 65
    text = [rule, f"{'Layer (type)':<30}{'Output Shape':<21}Param #", double]
    for i, each in enumerate(lines):
        stem = each.kind.lower()
        counts[stem] = counts.get(stem, 0) + 1
        name = f"{stem}_{counts[stem]} ({each.kind})"
        text += [*([rule] if i else []), f"{name:<30}{each.shape:<21}{each.parameters or 0}"]
    weights = sum(each.parameters or 0 for each in lines)
    totals = [f"Total params: {weights:,}", f"Trainable params: {weights:,}", "Non-trainable params: 0"]
    return "\n".join([*text, double, *totals, rule])


def _columns(length: int) -> list[int]:
    """Return the numbers of characters between the lines: 45, 35 and 20 % of the table, less lines and margins."""
    first, second = int(0.45 * length), int(0.8 * length)
    return [first - 1, second - first - 2, length - second - 1]


def _rule(corners: str, dash: str, widths: list[int]) -> str:
    return corners[0] + corners[1].join(dash * width for width in widths) + corners[2]


def _cells(line: str, row: list[str], widths: list[int]) -> list[str]:
    """Return a row, its cells wrapped where they are too long."""
    wrapped = [_wrapped(text, width - 2) for text, width in zip(row, widths, strict=True)]
    lines = []
    for cells in zip_longest(*wrapped, fillvalue=""):
        placed = [f" {text:{side}{width - 2}} " for text, side, width in zip(cells, "<<>", widths, strict=True)]
        lines.append(line + line.join(placed) + line)
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    if len(text) <= width:
        return [text]
    lines = [""]
    for word in text.split(" "):
        short = word if len(word) <= width else word[: width - 1] + "…"
        if lines[-1] and len(lines[-1]) + 1 + len(short) > width:
            lines.append(short)
        else:
            lines[-1] = f"{lines[-1]} {short}".strip()
    return lines


def _size(count: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return f"{count:.2f} {unit}"
        count /= 1024
    raise AssertionError
