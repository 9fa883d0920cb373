"""Both kernels: a test that takes `kernels` runs on each."""

import pytest

from multilogit import _kernels


@pytest.fixture(params=["native", "reference"])
def kernels(request, monkeypatch):
    """Let the compiled kernels work, or the reference in their place; return which."""
    if request.param == "reference":
        monkeypatch.setattr(_kernels, "native", None)
    elif _kernels.native is None:
        pytest.skip("the compiled kernels are not built")
    return request.param
