"""scikit-learn's MLPClassifier, without its penalty and with a fixed number of epochs."""

from typing import Any

from benchmarks.networks.base import SEED, Outcome, Training
from benchmarks.networks.works import Task
from benchmarks.rivals.base import quietly

__all__ = ["scikit_learn_training"]


def scikit_learn_training(task: Task) -> Training:
    """Return the training by `MLPClassifier`."""
    from sklearn.neural_network import MLPClassifier

    work = task.work

    def build() -> Any:
        return MLPClassifier(
            hidden_layer_sizes=(work.hidden,),
            activation=work.activation,
            solver=work.optimiser.lower(),
            learning_rate_init=work.learning_rate,
            batch_size=work.batch,
            max_iter=task.epochs,
            shuffle=work.shuffled,
            alpha=0.0,
            tol=0.0,
            n_iter_no_change=10**6,
            random_state=SEED,
        )

    def train(model: Any) -> Any:
        # It ends where it is told to, and warns that this is not convergence.
        quietly(lambda: model.fit(task.X, task.Y))
        return model

    def outcome(model: Any) -> Outcome:
        return Outcome(model.predict_proba(task.X), model.n_iter_ * work.batches)

    return Training(build, train, outcome)
