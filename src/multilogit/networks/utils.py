"""Beside the models: the seed of everything random."""

from multilogit.networks._seed import set_random_seed

__all__ = ["set_random_seed"]
