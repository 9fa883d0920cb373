"""What a model is worth on rows that its fit did not see, beside the classes' shares alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Array, Float64, Integers
from multilogit.inference import Comparison, Reliability, compare, reliability, row_scores
from multilogit.inference.scores import class_shares
from multilogit.table.fitting import Fitted, Recipe, fit_rows
from multilogit.table.rows import Rows
from multilogit.table.split import Split

__all__ = ["Assessment", "Scored", "assess", "scored"]


@dataclass(frozen=True)
class Assessment:
    """Scores of fits of the same recipe to parts of the rows, on the other rows.

    Attributes
    ----------
    parts : int
        1 for a holdout, the number of folds of a cross-validation.
    rows, unscored : int
        Rows that were scored, and rows of classes that the fit of their part had no row of.
    comparisons : tuple of Comparison
        Every metric beside that of the classes' shares in the fitted rows.
    training_log_loss : float
        Mean over the parts of the log loss on the rows that were fitted.
    reliability : Reliability
    """

    parts: int
    rows: int
    unscored: int
    comparisons: tuple[Comparison, ...]
    training_log_loss: float
    reliability: Reliability

    def metric(self, name: str) -> Comparison:
        """Return one of the comparisons."""
        return next(each for each in self.comparisons if each.metric == name)


@dataclass(frozen=True)
class Scored:
    """The rows that were scored: their places among the rows, and their predictions by a fit that had not seen them."""

    rows: Integers
    log_P: Float64  # noqa: N815  (log of the letter P)
    prior: Float64


def scored(
    rows: Rows, splits: Sequence[Split], recipe: Recipe, tell: Callable[[str], None] = lambda _: None
) -> tuple[Scored, float, Fitted]:
    """Fit every part and predict the other rows; return these, the mean training log loss, and the last fit.

    ``tell`` is called with what is under way.
    """
    places, predictions, priors, losses = [], [], [], []
    for number, split in enumerate(splits, start=1):
        tell(f"Fitting {len(split.fit):,} rows, part {number} of {len(splits)}")
        part, other = rows.take(split.fit), rows.take(split.score)
        fitted = fit_rows(part, recipe)
        places.append(split.score)
        predictions.append(fitted.log_probabilities(other))
        shares = class_shares(part.codes, len(rows.classes), part.weight)
        with np.errstate(divide="ignore"):
            priors.append(np.broadcast_to(np.log(shares), predictions[-1].shape))
        own = row_scores(part.codes, fitted.log_probabilities(part)).log_loss
        losses.append(float(np.average(own, weights=part.weight)))
    found = Scored(np.concatenate(places), np.vstack(predictions), np.vstack(priors))
    return found, float(np.mean(losses)), fitted


def assess(rows: Rows, found: Scored, training_log_loss: float, parts: int, unscored: int, seed: int) -> Assessment:
    """Return the assessment of scored rows."""
    codes, weight = rows.codes[found.rows], rows.weight[found.rows]
    groups: Array | None = None if rows.groups is None else rows.groups[found.rows]
    model, prior = row_scores(codes, found.log_P), row_scores(codes, found.prior)
    confidence = np.exp(found.log_P.max(axis=1))
    return Assessment(
        parts=parts,
        rows=len(codes),
        unscored=unscored,
        comparisons=compare(codes, model, prior, weight, groups=groups, seed=seed),
        training_log_loss=training_log_loss,
        reliability=reliability(confidence, model.correct, weight),
    )
