"""What runs here: versions, kernels and threads, for a report of a problem or of a measurement."""

import platform
import sys
from importlib import metadata

from multilogit import _kernels
from multilogit._threads import available_cores, blas_libraries, resolve_threads
from multilogit.errors import InputError

__all__ = ["show_versions", "versions"]

# What `pip install multilogit` brings, then what its extras bring.
PACKAGES = ("numpy", "scipy", "scikit-learn", "narwhals", "safetensors", "threadpoolctl", "joblib")
OPTIONAL_PACKAGES = ("typer", "rich", "polars", "pandas")


def show_versions() -> None:
    """Print the versions, the kernels and the threads that multilogit uses here.

    The line ``kernels`` says ``native`` where the compiled kernels run and ``reference`` where the NumPy
    ones do; the line ``level``, for which x86-64 level they are compiled, and which levels this machine runs.

    See Also
    --------
    multilogit.errors.ReferenceKernelWarning : what a program is told, once, when the NumPy kernels run.

    Examples
    --------
    >>> import multilogit
    >>> multilogit.show_versions()
    multilogit     ...
    kernels        ...
    level          ...
    threads        ...
    """
    table = versions()
    width = max(map(len, table))
    for name, value in table.items():
        print(f"{name:<{width}}  {value}")


def versions() -> dict[str, str]:
    """Return what `show_versions` prints: name to value, in the order of printing."""
    return {
        "multilogit": _version("multilogit"),
        "kernels": _kernels.core,
        "level": _level(),
        "threads": _threads(),
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        **{name: _version(name) for name in (*PACKAGES, *OPTIONAL_PACKAGES)},
        **{f"BLAS {number}": text for number, text in enumerate(blas_libraries(), start=1)},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _level() -> str:
    """Return the x86-64 level in use and those available; ``plain`` is the compiler's default."""
    name = _kernels.level()
    return "none (reference kernels)" if name is None else f"{name} (available: {', '.join(_kernels.levels())})"


def _threads() -> str:
    """Return the thread count that ``n_jobs=None`` means, or why it means none."""
    try:
        return f"{resolve_threads()} of {available_cores()} available cores"
    except InputError as error:
        return str(error)
