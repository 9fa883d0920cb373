"""The certificate's one line."""

import math

import pytest

from multilogit._solvers.certificate import Certificate
from multilogit.errors import Status


def certificate(**changes):
    numbers = {"objective": 28.9, "gap": 2.89e-11, "relative_gap": 1e-12, "gradient_norm": 1e-6, "passes": 9}
    return Certificate(**{"status": Status.CONVERGED, "kind": "duality gap", **numbers, **changes})


def test_summary_of_a_proved_optimum():
    line = certificate().summary()
    bound = "at most 1.0e-12 of the objective above the optimum (proof: duality gap)"
    assert line == f"converged; {bound}; 9 passes over the data"


def test_summary_of_a_separation_and_of_aliases():
    found = certificate(
        status=Status.SEPARATED, gap=math.inf, relative_gap=math.inf, separated=(("a", "b"),), rank=1, aliased=("x2",)
    )
    line = found.summary()
    assert line.startswith("separated; no bound of the distance to an optimum")
    assert "separated: a | b" in line
    assert "rank 1, aliased: x2" in line


@pytest.mark.parametrize("status", Status)
def test_the_status_is_a_sentence(status):
    assert len(status.value.split()) > 5
    assert certificate(status=status).summary().startswith(status.value.split(":")[0])


def test_a_certificate_is_frozen():
    with pytest.raises(AttributeError):
        certificate().gap = 0.0
