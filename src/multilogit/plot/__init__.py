"""Figures: what each one shows is computed by ``from_...`` and drawn by ``plot``, on the axes that it is given.

Needs matplotlib: ``pip install 'multilogit[plot]'``.
"""

from multilogit.plot.coefficients import CoefficientDisplay
from multilogit.plot.confusion import ConfusionDisplay
from multilogit.plot.contributions import ContributionDisplay
from multilogit.plot.reliability import ReliabilityDisplay

__all__ = ["CoefficientDisplay", "ConfusionDisplay", "ContributionDisplay", "ReliabilityDisplay"]
