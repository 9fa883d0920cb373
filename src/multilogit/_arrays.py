"""Array aliases, and the letters that every module uses.

N rows, D features, K classes, R stacked problems; ``X`` (N, D); ``W`` (D, K); ``b`` (K,); logits
``Z = X W + b`` (N, K); probabilities ``P = softmax(Z)``; targets ``Y``, one-hot or a distribution (N, K);
residual ``R = P - Y``; gradient ``G``; Hessian ``H``; directions ``V`` and ``v``.
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Float64: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.integer[Any]]
ArrayLike: TypeAlias = npt.ArrayLike

__all__ = ["Array", "ArrayLike", "Float64", "Floats", "Integers"]
