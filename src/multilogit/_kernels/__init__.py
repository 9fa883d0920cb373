"""Chooses the kernels, once: the compiled ones where they load, else the NumPy reference, and says so.

``MULTILOGIT_KERNELS=reference`` selects the reference without a warning, ``MULTILOGIT_KERNELS=native``
refuses to run without the compiled kernels.  `core` says which ones run: ``"native"`` or ``"reference"``.

The compiled kernels are there once for each x86-64 level; the highest that the machine runs is taken, and
``MULTILOGIT_ISA=v2``, ``v3`` or ``v4`` takes that one.  `level` says which one runs, `levels` which could.

The kernels take float32 or float64 arrays of any number of leading axes, with K >= 1 logits along the last
one, and return the same type.  Their formulas are in `multilogit._kernels.reference`.
"""

import os
import warnings
from functools import cache
from types import ModuleType

import numpy as np

from multilogit._arrays import Floats
from multilogit._kernels import reference
from multilogit._threads import resolve_threads
from multilogit.errors import InputError, ReferenceKernelWarning

__all__ = ["core", "give_blas", "level", "levels", "log_softmax", "logsumexp", "native", "softmax"]

ISA_LEVELS = ("v2", "v3", "v4")
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
WORTH_THREADS = 2**17  # logits: a tenth of a millisecond of work and more


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


def _choose_level(native: ModuleType | None, wanted: str | None) -> None:
    """Select the x86-64 level that MULTILOGIT_ISA names; without it the highest stays selected."""
    if wanted is None:
        return
    if wanted not in ISA_LEVELS:
        raise InputError(
            f"The environment variable MULTILOGIT_ISA must be 'v2', 'v3', 'v4' or unset. Got {wanted!r}. "
            "Unset it to let multilogit take the highest level that this machine runs."
        )
    if native is None:
        return  # the reference has no levels
    if wanted not in native.levels():
        raise InputError(
            f"MULTILOGIT_ISA={wanted} asks for the kernels of x86-64-{wanted}, which this machine does not run. "
            f"It runs {', '.join(native.levels())}. Name one of these, or unset the variable."
        )
    native.select_level(wanted)


native = _load(os.environ.get("MULTILOGIT_KERNELS"))
core = "reference" if native is None else "native"
_choose_level(native, os.environ.get("MULTILOGIT_ISA"))


@cache
def give_blas() -> bool:
    """Hand SciPy's BLAS and LAPACK to the compiled kernels, once; return whether they can be used."""
    # Imported on first use: `import multilogit` loads NumPy only.
    from scipy.linalg import cython_blas, cython_lapack  # noqa: PLC0415

    blas, lapack = cython_blas.__pyx_capi__, cython_lapack.__pyx_capi__
    return native is not None and bool(native.give_blas(blas["sgemm"], blas["dgemm"], lapack["dposv"]))


def levels() -> tuple[str, ...]:
    """Return the levels of the compiled kernels that this machine runs, lowest first; none for the reference."""
    return () if native is None else tuple(native.levels())


def level() -> str | None:
    """Return the level in use, None for the reference."""
    return None if native is None else str(native.level())


def _checked(logits: Floats) -> Floats:
    if logits.dtype not in FLOATS:
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
    n_threads = resolve_threads() if logits.size >= WORTH_THREADS else 1
    getattr(native, name)(np.ascontiguousarray(logits).reshape(-1, K), rows_out, n_threads)
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
