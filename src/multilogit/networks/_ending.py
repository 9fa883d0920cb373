"""A compiled network: which loss and metrics follow the layers, and whether they suit each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from multilogit._objective.network import Activate, Ending, Network, Operation
from multilogit._objective.network_native import Measure
from multilogit.errors import InputError
from multilogit.networks import losses, metrics
from multilogit.networks.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)

__all__ = ["Measures", "network_for", "resolve_loss"]

_FUSED = {"softmax": "softmax_cross_entropy", "sigmoid": "logistic_cross_entropy"}


def resolve_loss(identifier: Any) -> Loss | None:
    """Return the loss that `compile` was given; None where it was given none."""
    return None if identifier is None else losses.get(identifier)


def network_for(inputs: int, operations: Sequence[Operation], loss: Loss | None) -> Network:
    """Return the network that ends in a loss, fused with the last activation where they belong together.

    Raises
    ------
    InputError
        If the loss cannot be computed from what the last activation gives.
    """
    layers = tuple(operations)
    _check_outputs(Network(inputs, layers), loss)
    last = layers[-1].name if layers and isinstance(layers[-1], Activate) else "linear"
    if loss is None or isinstance(loss, MeanSquaredError):
        return Network(inputs, layers)
    binary, smoothing = isinstance(loss, BinaryCrossentropy), getattr(loss, "label_smoothing", 0.0)
    if getattr(loss, "from_logits", False):
        _check_logits(loss, last)
        return Network(
            inputs, layers, Ending(_FUSED["sigmoid" if binary else "softmax"], keep_logits=True, smoothing=smoothing)
        )
    if last == ("sigmoid" if binary else "softmax"):
        return Network(inputs, layers[:-1], Ending(_FUSED[last], final=last, smoothing=smoothing))
    if last not in _FUSED:
        better = "sigmoid" if binary else "softmax"
        raise InputError(
            f"{loss.name} takes probabilities, and the last activation is {last}, whose values are none. End the "
            f"network with Activation({better!r}), or, where it ends in logits, pass "
            f"loss=losses.{type(loss).__name__}(from_logits=True)."
        )
    kernel = "binary_cross_entropy" if binary else "categorical_cross_entropy"
    return Network(inputs, layers, Ending(kernel, smoothing=smoothing))


def _check_outputs(network: Network, loss: Loss | None) -> None:
    """Raise where softmax, or a loss over classes, has one output to choose from."""
    if network.widths[-1] > 1 or not network.operations:
        return
    softmax = isinstance(last := network.operations[-1], Activate) and last.name == "softmax"
    if softmax or isinstance(loss, (CategoricalCrossentropy, SparseCategoricalCrossentropy)):
        what = "The softmax of one number is always 1" if softmax else f"{loss.name if loss else ''} compares classes"
        raise InputError(
            f"{what}, and the network has one output. For two classes take one unit with sigmoid and "
            "binary_crossentropy, or a unit for each class with softmax."
        )


def _check_logits(loss: Loss, last: str) -> None:
    if last in _FUSED:
        raise InputError(
            f"{loss.name} with from_logits=True takes logits, and the last activation is {last}, whose values are "
            "probabilities. Leave out from_logits=True, or the activation."
        )


@dataclass(frozen=True)
class Measures:
    """The metrics of `compile`, unweighted ones first."""

    plain: tuple[metrics.Metric, ...] = ()
    weighted: tuple[metrics.Metric, ...] = ()

    @classmethod
    def of(cls, plain: Any, weighted: Any) -> "Measures":
        """Return those of the arguments of `compile`."""
        groups = (("metrics", plain), ("weighted_metrics", weighted))
        return cls(*(tuple(map(metrics.get, _listed(argument, given))) for argument, given in groups))

    @property
    def names(self) -> list[str]:
        """Names in a history; the same one again gets a number, and a weighted one "weighted_"."""
        names: list[str] = []
        for prefix, group in (("", self.plain), ("weighted_", self.weighted)):
            for each in group:
                stem = name = f"{prefix}{each.name}" if each.name in names else each.name
                number = 0
                while name in names:
                    number += 1
                    name = f"{stem}_{number}"
                names.append(name)
        return names

    def resolved(self, *, outputs: int, labels: bool) -> tuple[Measure, ...]:
        """Return their formulas for such outputs and targets.

        Raises
        ------
        InputError
            If one of them takes other targets.
        """
        found = []
        for weighted, group in ((False, self.plain), (True, self.weighted)):
            for each in group:
                suited = each.suited(outputs=outputs, labels=labels) if isinstance(each, metrics.Accuracy) else each
                if suited.of_labels and not labels:
                    raise InputError(
                        f"The metric {each.name!r} takes class numbers, and the loss takes rows of targets. Name "
                        f"{each.name.removeprefix('sparse_')!r}, or the loss sparse_categorical_crossentropy."
                    )
                if labels and not suited.of_labels:
                    known = suited.name in {"categorical_accuracy", "categorical_crossentropy"}
                    raise InputError(
                        f"The metric {each.name!r} takes rows of targets, and the loss takes class numbers. Name "
                        f"{'sparse_' + suited.name if known else 'accuracy'!r}, or give one-hot rows and "
                        "categorical_crossentropy."
                    )
                found.append((suited.kernel, weighted))
        return tuple(found)

    def larger_is_better(self, name: str) -> bool:
        """Return whether the metric of that name in a history is an accuracy."""
        return dict(zip(self.names, (*self.plain, *self.weighted), strict=True))[name].larger_is_better


def _listed(argument: str, given: Any) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, (str, metrics.Metric)) or not isinstance(given, (list, tuple)):
        raise InputError(f"{argument} must be a list, such as ['accuracy']. Got {given!r}.")
    return list(given)
