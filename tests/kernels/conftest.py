"""Both kernels, each test on each; and the levels of the compiled ones that this machine runs."""

import pytest

from multilogit import _kernels
from multilogit._kernels import reference


@pytest.fixture(params=_kernels.levels() or ["none"])
def level(request):
    """Select a level of the compiled kernels for one test and return its name."""
    if request.param == "none":
        pytest.skip("the compiled kernels are not built")
    from multilogit._kernels import _native

    before = _native.level()
    _native.select_level(request.param)
    yield request.param
    _native.select_level(before)


@pytest.fixture(params=["reference", "native"])
def kernels(request):
    """Return a module with softmax, log_softmax and logsumexp; test_softmax_rows shows that levels do not differ."""
    if request.param == "reference":
        return reference
    if _kernels.core != "native":
        pytest.skip("the compiled kernels are not built")
    return _kernels
