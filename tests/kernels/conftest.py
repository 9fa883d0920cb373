"""Both kernels, each test on each."""

import pytest

from multilogit import _kernels
from multilogit._kernels import reference


@pytest.fixture(params=["reference", "native"])
def kernels(request):
    """Return a module with softmax, log_softmax and logsumexp."""
    if request.param == "reference":
        return reference
    if _kernels.core != "native":
        pytest.skip("the compiled kernels are not built")
    return _kernels
