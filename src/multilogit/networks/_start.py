"""From the arguments of `Sequential.fit` to a fit that can run: everything is checked before anything changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from multilogit._arrays import Floats
from multilogit._objective.examples import Examples
from multilogit._objective.network import Drop, Network
from multilogit._solvers.mini_batches import Schedule, Training, begin
from multilogit._solvers.network_lbfgs import NetworkLBFGS
from multilogit.errors import InputError
from multilogit.networks import _data
from multilogit.networks._fit import Fit, Validation
from multilogit.networks._model import Model
from multilogit.networks._seed import next_seed
from multilogit.networks.callbacks import Callback, EarlyStopping, History
from multilogit.networks.losses import Loss
from multilogit.networks.optimizers import LBFGS, Optimizer, Stepwise, count

__all__ = ["FitOptions", "begin_fit"]

_BATCH = 32


@dataclass(frozen=True)
class FitOptions:
    """The arguments of `Sequential.fit` after x and y."""

    batch_size: int | None
    epochs: int
    verbose: int | str
    callbacks: Any
    validation_split: float
    validation_data: Any
    shuffle: bool
    class_weight: Any
    sample_weight: Any
    initial_epoch: int
    validation_freq: Any


def begin_fit(model: Model, optimizer: Optimizer, loss: Loss, x: Any, y: Any, options: FitOptions) -> Fit:
    """Return a fit of a model, ready to run.

    Raises
    ------
    InputError
        If the arguments do not suit each other or the network.
    """
    epochs = range(count("initial_epoch", options.initial_epoch, least=0), count("epochs", options.epochs, least=0))
    if options.verbose not in ("auto", 0, 1, 2):
        raise InputError(f"verbose must be 'auto', 0, 1 or 2. Got {options.verbose!r}.")
    callbacks = _callbacks(options.callbacks)
    examples, validation = _data_of(model, loss, x, y, options)
    network, measures = model.network(loss, examples.X.shape[1]), model.resolved(examples)
    names = ["loss", *model.measures.names, *(["gradient_norm"] if isinstance(optimizer, LBFGS) else [])]
    _check_monitors(callbacks, names, validated=validation is not None)
    if not network.n_parameters:
        raise InputError("The model has no weights to train. Add a Dense layer.")
    theta = model.drawn(examples.X)
    size = _batch_size(optimizer, options.batch_size, len(examples))
    training = _training(theta, optimizer, network, examples, measures, size, options, epochs.start)
    history = History()
    steps = -(-len(examples) // size)
    history.params = {"verbose": options.verbose, "epochs": options.epochs, "steps": steps}
    for each in callbacks:
        each.set_model(model)
        each.set_params(history.params)
    return Fit(
        model=model,
        network=network,
        training=training,
        examples=examples,
        names=names,
        measures=measures,
        epochs=epochs,
        steps=steps,
        verbose=1 if options.verbose == "auto" else int(options.verbose),
        asked=options.verbose != "auto",
        validation=validation,
        callbacks=callbacks,
        history=history,
        layer_of_operation=[layer.name for layer, _ in model.operations()],
    )


def _callbacks(given: Any) -> list[Callback]:
    found = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    for each in found:
        if not isinstance(each, Callback):
            raise InputError(f"A callback is an object of a class that extends networks.Callback. Got {each!r}.")
    return [each for each in found if not isinstance(each, History)]


def _check_monitors(callbacks: Sequence[Callback], names: Sequence[str], *, validated: bool) -> None:
    """Raise for a callback that monitors what this fit has not."""
    known = [*names, *(f"val_{name}" for name in names if name != "gradient_norm" and validated)]
    for each in callbacks:
        if isinstance(each, EarlyStopping) and each.monitor not in known:
            raise InputError(
                f"EarlyStopping monitors {each.monitor!r}, which this fit has not: there are "
                f"{', '.join(map(repr, known))}. Pass validation_data or validation_split, or monitor another name."
            )


def _data_of(model: Model, loss: Loss, x: Any, y: Any, options: FitOptions) -> tuple[Examples, Validation | None]:
    """Return what is trained on and what is validated on."""
    if options.class_weight is not None and options.sample_weight is not None:
        raise InputError("Pass class_weight or sample_weight, not both: multiply them into sample_weight.")
    examples = model.examples(x, y, options.sample_weight, loss)
    held: Examples | None = None
    if options.validation_data is not None:
        held = _validation_data(model, loss, options.validation_data)
    elif options.validation_split:
        examples, held = _data.split(examples, options.validation_split)
    if options.class_weight is not None:
        examples = replace(examples, weight=_data.class_weights(options.class_weight, examples))
    return examples, None if held is None else Validation(held, _frequency(options.validation_freq))


def _validation_data(model: Model, loss: Loss, given: Any) -> Examples:
    if not isinstance(given, (tuple, list)) or len(given) not in {2, 3}:
        raise InputError(f"validation_data must be (x, y) or (x, y, sample_weight). Got {type(given).__name__}.")
    weight = given[2] if len(given) == 3 else None
    return model.examples(given[0], given[1], weight, loss, prefix="validation_data's ")


def _frequency(given: Any) -> int | Sequence[int]:
    if isinstance(given, (list, tuple, set)):
        return [count("validation_freq", each) for each in given]
    return count("validation_freq", given)


def _batch_size(optimizer: Optimizer, given: int | None, rows: int) -> int:
    if not isinstance(optimizer, LBFGS):
        return count("batch_size", _BATCH if given is None else given)
    if given is not None and count("batch_size", given) < rows:
        raise InputError(
            f"LBFGS takes all {rows} rows at once. Leave batch_size out, or take SGD, RMSprop or Adam for batches."
        )
    return rows


def _training(
    theta: Floats,
    optimizer: Optimizer,
    network: Network,
    examples: Examples,
    measures: Any,
    size: int,
    options: FitOptions,
    first: int,
) -> Training:
    """Return the training that the optimizer stands for."""
    if isinstance(optimizer, LBFGS):
        if any(isinstance(each, Drop) for each in network.operations):
            raise InputError("LBFGS needs the same loss at each step, which Dropout changes. Take Adam, or no Dropout.")
        options_of = (optimizer.memory, optimizer.tolerance, optimizer.iterations)
        return NetworkLBFGS(network, examples, measures, theta, *options_of)
    assert isinstance(optimizer, Stepwise)
    if any(slot.size != theta.size for slot in optimizer.slots):
        optimizer.forget()  # layers have come or gone while the model was compiled with another one
    schedule = Schedule(
        network=network,
        examples=examples,
        rule=optimizer.rule,
        rate=optimizer.learning_rate,
        batch_size=size,
        shuffle=bool(options.shuffle),
        seed=next_seed(),
        measures=measures,
        first_epoch=first,
        iterations=optimizer.iterations,
        slots=optimizer.slots,
    )
    return begin(schedule, theta)
