"""Softmax classification whose derivatives are the product.

Every public name is loaded on first use, so that ``import multilogit`` costs nothing but Python's own
modules; ``dir(multilogit)`` lists the names, and the stub beside this file tells them to editors.
"""

import importlib

__all__ = [
    "Certificate",
    "ConvergenceWarning",
    "DivergenceError",
    "InputError",
    "LogisticRegression",
    "ModelFileError",
    "ReferenceKernelWarning",
    "RegularizationPath",
    "Results",
    "SeparationWarning",
    "Status",
    "__version__",
    "certify",
    "fit",
    "functional",
    "load",
    "networks",
    "regularization_path",
    "show_versions",
]

_HOMES = {
    "Certificate": "multilogit._solvers.certificate",
    "ConvergenceWarning": "multilogit.estimators",
    "DivergenceError": "multilogit.errors",
    "InputError": "multilogit.errors",
    "LogisticRegression": "multilogit.estimators",
    "ModelFileError": "multilogit.errors",
    "ReferenceKernelWarning": "multilogit.errors",
    "RegularizationPath": "multilogit.estimators",
    "Results": "multilogit.results",
    "SeparationWarning": "multilogit.errors",
    "Status": "multilogit.errors",
    "certify": "multilogit.estimators",
    "fit": "multilogit.results",
    "functional": "multilogit",
    "load": "multilogit.results",
    "networks": "multilogit",
    "regularization_path": "multilogit.estimators",
    "show_versions": "multilogit._versions",
}


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562); Python calls this once per name."""
    if name == "__version__":
        value: object = _version()
    elif name not in _HOMES:
        raise AttributeError(f"module 'multilogit' has no attribute {name!r}. It has: {', '.join(__all__)}.")
    elif _HOMES[name] == __name__:
        value = importlib.import_module(f"multilogit.{name}")
    else:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return __all__


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415  (loads many standard modules, for one name that few programs ask for)

    try:
        return metadata.version("multilogit")
    except metadata.PackageNotFoundError:
        return "0+unknown"  # run from sources that were never installed
