"""Small softmax networks behind Keras's names, trained by hand-derived gradients in compiled kernels.

::

    Sequential                                       compile, fit, evaluate, predict, summary, save
    Input, Dense, Activation, Dropout                layers
    SGD, RMSprop, Adam, LBFGS                        optimizers
    EarlyStopping, History, Callback                 between epochs
    activations, losses, metrics, initializers       what names stand for

Arguments and defaults are Keras 3's; an argument of Keras's that does not exist here is refused, with the reason. The
modules have Keras's names, too: ``from multilogit.networks.layers import Dense``.
"""

from multilogit.networks import (
    activations,
    callbacks,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    utils,
)
from multilogit.networks._seed import set_random_seed
from multilogit.networks.callbacks import Callback, EarlyStopping, History
from multilogit.networks.initializers import GlorotUniform
from multilogit.networks.layers import Activation, Dense, Dropout, Input
from multilogit.networks.models import Sequential, load_model
from multilogit.networks.optimizers import LBFGS, SGD, Adam, RMSprop

__all__ = [
    "LBFGS",
    "SGD",
    "Activation",
    "Adam",
    "Callback",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "GlorotUniform",
    "History",
    "Input",
    "RMSprop",
    "Sequential",
    "activations",
    "callbacks",
    "initializers",
    "layers",
    "load_model",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "set_random_seed",
    "utils",
]
