"""Models, and reading them from files."""

from pathlib import Path

import numpy as np

from multilogit.errors import InputError, ModelFileError
from multilogit.networks._saving import open_file, weights_of
from multilogit.networks.layers import Input
from multilogit.networks.sequential import Sequential

__all__ = ["Sequential", "load_model"]


def load_model(filepath: str | Path) -> Sequential:
    """Read a network that `Sequential.save` wrote; its predictions are to the last bit those of the one that was saved.

    Parameters
    ----------
    filepath : str or Path

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    InputError
        If it is named as a file of Keras.
    ModelFileError
        If it is no network's file, is damaged or cut short, or of a version that this program does not know.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from multilogit.networks import Dense, Input, Sequential, load_model
    >>> model = Sequential([Input((2,)), Dense(1)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(Path(folder) / "small.mlogit")
    ...     again = load_model(Path(folder) / "small.mlogit")
    >>> bool((again.get_weights()[0] == model.get_weights()[0]).all())
    True
    """
    path = Path(filepath)
    header, layers, theta = open_file(path)
    try:
        if header.inputs < 1 or not np.isfinite(theta).all():
            raise InputError("the rows must have numbers, and the weights must be finite")
        if (count := weights_of(header)) != theta.size:
            raise InputError(f"the layers have {count} weights, and the file holds {theta.size}")
        model = Sequential([Input((header.inputs,)), *layers], name=header.name, dtype=str(theta.dtype))
        model.theta = theta.copy()
    except InputError as error:
        raise ModelFileError(f"{path}: {error}") from None
    return model
