from multilogit import functional as functional
from multilogit import networks as networks
from multilogit._solvers.certificate import Certificate as Certificate
from multilogit._versions import show_versions as show_versions
from multilogit.errors import DivergenceError as DivergenceError
from multilogit.errors import InputError as InputError
from multilogit.errors import ModelFileError as ModelFileError
from multilogit.errors import ReferenceKernelWarning as ReferenceKernelWarning
from multilogit.errors import SeparationWarning as SeparationWarning
from multilogit.errors import Status as Status
from multilogit.estimators import ConvergenceWarning as ConvergenceWarning
from multilogit.estimators import LogisticRegression as LogisticRegression
from multilogit.estimators import RegularizationPath as RegularizationPath
from multilogit.estimators import certify as certify
from multilogit.estimators import regularization_path as regularization_path
from multilogit.results import Results as Results
from multilogit.results import fit as fit
from multilogit.results import load as load

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

__version__: str
