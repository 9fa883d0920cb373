"""Chooses the kernels, once: the compiled ones where they load, else the NumPy reference, and says so.

``MULTILOGIT_KERNELS=reference`` selects the reference without a warning, ``MULTILOGIT_KERNELS=native``
refuses to run without the compiled kernels.  `core` says which ones run: ``"native"`` or ``"reference"``.

The kernels take float32 or float64 arrays of any number of leading axes, with K >= 1 logits along the last
one, and return the same type.  Their formulas are in `multilogit._kernels.reference`.
"""

import os
import warnings
from types import ModuleType

import numpy as np

from multilogit._arrays import Floats
from multilogit._kernels import reference
from multilogit.errors import InputError, ReferenceKernelWarning

__all__ = ["core", "log_softmax", "logsumexp", "native", "softmax"]


def _load(wanted: str | None) -> ModuleType | None:
    """Return the compiled module, or None where the reference is wanted or is all there is."""
    if wanted not in {None, "native", "reference"}:
        raise InputError(
            "The environment variable MULTILOGIT_KERNELS must be 'native', 'reference' or unset. "
            f"Got {wanted!r}. Unset it to let multilogit choose."
        )
    if wanted == "reference":
        return None
    try:
        from multilogit._kernels import _native  # noqa: PLC0415  (it may be absent)
    except ImportError as error:
        if wanted == "native":
            raise ImportError(
                f"MULTILOGIT_KERNELS=native asks for the compiled kernels, which did not load ({error}). "
                "Install a C++17 compiler and reinstall multilogit, or unset the variable."
            ) from error
        warnings.warn(
            "multilogit runs on its NumPy reference kernels, because the compiled ones did not load "
            f"({error}). The answers are the same, slower. To compile them, install a C++17 compiler and "
            "reinstall multilogit; to silence this, set MULTILOGIT_KERNELS=reference.",
            ReferenceKernelWarning,
            stacklevel=2,
        )
        return None
    return _native


native = _load(os.environ.get("MULTILOGIT_KERNELS"))
core = "reference" if native is None else "native"


def _checked(logits: Floats) -> Floats:
    if logits.dtype not in (np.float32, np.float64):
        raise TypeError(f"Kernels take float32 or float64 logits. Got {logits.dtype}. Convert them first.")
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise InputError(
            f"Logits need at least one class along the last axis. Got shape {logits.shape}. Pass (..., K), K >= 1."
        )
    return logits


def _by_rows(name: str, logits: Floats, out_shape: tuple[int, ...]) -> Floats:
    """Run kernel `name` on the rows of logits; the result has shape `out_shape`."""
    if native is None:
        result: Floats = getattr(reference, name)(logits)
        return result
    K = logits.shape[-1]
    out = np.empty(out_shape, dtype=logits.dtype)
    rows_out = out.reshape(-1, K) if len(out_shape) == logits.ndim else out.reshape(-1)
    getattr(native, name)(np.ascontiguousarray(logits).reshape(-1, K), rows_out)
    return out


def softmax(logits: Floats) -> Floats:
    """p_k = exp(z_k) / sum_j exp(z_j) along the last axis."""
    return _by_rows("softmax", _checked(logits), logits.shape)


def log_softmax(logits: Floats) -> Floats:
    """Log of softmax along the last axis, the winning class to full relative accuracy."""
    return _by_rows("log_softmax", _checked(logits), logits.shape)


def logsumexp(logits: Floats) -> Floats:
    """Log of sum_k exp(z_k) along the last axis, which disappears."""
    return _by_rows("logsumexp", _checked(logits), logits.shape[:-1])
