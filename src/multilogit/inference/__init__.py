"""Numbers about a fit: what its predictions are worth, what moves them, and why a row got its own.

Arrays in, arrays out: this floor knows no table, no file and no words.

::

    scores.py         losses of predicted probabilities, row by row, beside those of the classes' shares
    bootstrap.py      intervals of paired differences
    reliability.py    whether what is said with 80% comes true in 80%
    effects.py        average changes of the probabilities when one column changes
    contributions.py  the log-odds of two classes in one row, term by term
"""

from multilogit.inference.bootstrap import Comparison, compare
from multilogit.inference.contributions import contributions
from multilogit.inference.effects import Effect, average_change
from multilogit.inference.reliability import Reliability, reliability
from multilogit.inference.scores import RowScores, row_scores

__all__ = [
    "Comparison",
    "Effect",
    "Reliability",
    "RowScores",
    "average_change",
    "compare",
    "contributions",
    "reliability",
    "row_scores",
]
