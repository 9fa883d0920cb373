"""Every kernel, each test on each: the reference, and the compiled one of every level that this machine runs."""

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


@pytest.fixture(params=["reference", *_kernels.levels()])
def kernels(request):
    """Return a module with softmax, log_softmax and logsumexp."""
    if request.param == "reference":
        yield reference
        return
    from multilogit._kernels import _native

    before = _native.level()
    _native.select_level(request.param)
    yield _kernels
    _native.select_level(before)
