"""A network as a file: layers as JSON, weights as arrays, nothing that could run.

The container is that of every file of the project (`multilogit._files`): safetensors under one SHA-256.
"""

from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as brief  # of what a file holds, which may be long or deep
from typing import Any

import numpy as np

from multilogit import __version__
from multilogit._files import codec, container
from multilogit._files.atomic import write_atomically
from multilogit.errors import InputError, ModelFileError
from multilogit.networks._stack import Stack
from multilogit.networks.layers import Activation, Dense, Dropout, Layer

__all__ = ["FORMAT", "VERSION", "NetworkFile", "open_file", "refuse_keras", "save", "weights_of"]

FORMAT = "multilogit-network"
VERSION = 1
KERAS = (".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class DenseRecord:
    """A `Dense`."""

    name: str
    units: int
    activation: str
    use_bias: bool


@dataclass(frozen=True)
class ActivationRecord:
    """An `Activation`."""

    name: str
    activation: str


@dataclass(frozen=True)
class DropoutRecord:
    """A `Dropout`."""

    name: str
    rate: float


@dataclass(frozen=True)
class NetworkFile:
    """Everything of a network's file but its weights."""

    format: str
    version: int
    written_by: str
    name: str
    inputs: int
    layers: tuple[DenseRecord | ActivationRecord | DropoutRecord, ...]


def refuse_keras(path: Path) -> None:
    """Raise for a name that says Keras."""
    if path.suffix.lower() in KERAS:
        raise InputError(
            f"{path} names a file of Keras, which multilogit neither writes nor reads: such files can hold code. "
            "Choose another ending, such as .mlogit; to bring weights over, pass model.get_weights() to set_weights."
        )


def save(model: Stack, path: Path) -> None:
    """Write a model to a file, whole or not at all."""
    refuse_keras(path)
    if model.inputs is None or model.theta is None:
        raise InputError(
            "The model is not built, so it has no weights to save: give it an Input, build or fit it first."
        )
    header = NetworkFile(
        FORMAT, VERSION, f"multilogit {__version__}", model.name, model.inputs, tuple(map(_record, model.layers))
    )
    encoded = codec.encode(header)
    del encoded[codec.TAG]
    write_atomically(path, container.pack(encoded, {"theta": model.theta}))


def _record(layer: Layer) -> DenseRecord | ActivationRecord | DropoutRecord:
    if isinstance(layer, Dense):
        return DenseRecord(layer.name, layer.units, layer.activation, layer.use_bias)
    if isinstance(layer, Activation):
        return ActivationRecord(layer.name, layer.activation)
    assert isinstance(layer, Dropout)
    return DropoutRecord(layer.name, layer.rate)


def weights_of(header: NetworkFile) -> int:
    """Return how many weights the layers have, before any memory is taken for them."""
    count, width = 0, header.inputs
    for each in header.layers:
        if isinstance(each, DenseRecord):
            count, width = count + (width + each.use_bias) * each.units, each.units
    return count


def open_file(path: Path) -> tuple[NetworkFile, list[Layer], Any]:
    """Return the header, the layers and theta of a file."""
    refuse_keras(path)
    try:
        content, arrays = container.unpack(container.read(path))
        if content.get("format") != FORMAT:
            raise ModelFileError(
                "this is not a network's file, which Sequential.save writes"
                + ("; multilogit.load opens it." if content.get("format") == "multilogit-model" else ".")
            )
        if content.get("version") != VERSION:
            raise ModelFileError(
                f"the file is of version {brief(content.get('version'))}, and this program reads version {VERSION}. "
                "Install the version of multilogit that wrote it."
            )
        header = codec.decode(NetworkFile, {codec.TAG: NetworkFile.__name__, **content}, "the header")
        theta = arrays.pop("theta", None)
        if arrays or theta is None or theta.ndim != 1 or theta.dtype not in (np.float32, np.float64):
            raise ModelFileError("the file must hold one array of weights, theta")
        return header, [_layer(each) for each in header.layers], theta
    except (ModelFileError, InputError) as error:
        sentence = str(error).replace(container.FOREIGN, "this is not a network's file, which Sequential.save writes.")
        raise ModelFileError(f"{path}: {sentence}") from None


def _layer(record: DenseRecord | ActivationRecord | DropoutRecord) -> Layer:
    if isinstance(record, DenseRecord):
        return Dense(record.units, record.activation, record.use_bias, "zeros", name=record.name)
    if isinstance(record, ActivationRecord):
        return Activation(record.activation, name=record.name)
    return Dropout(record.rate, name=record.name)
