"""What an accident does to a file: every change of its bytes is refused in words, and never opened as a model."""

import numpy as np
import pytest
from table.models import trained

from multilogit import io
from multilogit.errors import ModelFileError

FLIPS = 1_000


@pytest.fixture(scope="module")
def data():
    return io.dumps(trained(C=1.0, holdout="none"))


def refused(damaged):
    """Any other exception, and a model, fail the test."""
    with pytest.raises(ModelFileError):
        io.loads(bytes(damaged))


def a_bit(damaged, generator):
    place = int(generator.integers(len(damaged)))
    damaged[place] ^= 1 << int(generator.integers(8))


def a_byte(damaged, generator):
    place = int(generator.integers(len(damaged)))
    damaged[place] = (damaged[place] + int(generator.integers(1, 256))) % 256


def two_bytes(damaged, generator):
    while True:
        first, second = generator.integers(len(damaged), size=2).tolist()
        if damaged[first] != damaged[second]:
            damaged[first], damaged[second] = damaged[second], damaged[first]
            return


@pytest.mark.parametrize("flip", [a_bit, a_byte, two_bytes])
def test_every_flip_is_refused(data, flip):
    generator = np.random.default_rng([FLIPS, len(flip.__name__)])
    for _ in range(FLIPS):
        damaged = bytearray(data)
        flip(damaged, generator)
        assert damaged != data
        refused(damaged)


def test_every_truncation_is_refused(data):
    for length in range(len(data)):
        refused(data[:length])


@pytest.mark.parametrize("more", [b"\0", b" ", b"\n", b"}", b"\0" * 4096])
def test_every_addition_is_refused(data, more):
    refused(data + more)
    refused(more + data)


def test_a_file_twice_in_one_is_refused(data):
    refused(data + data)


def test_parts_that_moved_are_refused(data):
    for cut in range(1, len(data), 97):
        refused(data[cut:] + data[:cut])


def test_a_range_of_zeros_is_refused(data):
    """What a crash of the machine leaves of a file whose blocks never reached the disk."""
    for start in range(0, len(data), 512):
        blank = bytearray(data)
        blank[start : start + 512] = bytes(len(blank[start : start + 512]))
        refused(blank)


def test_the_same_is_refused_from_the_disk(data, tmp_path):
    path = tmp_path / "m.mlogit"
    for damaged in (data[:-1], data + b"\0", data[:100], data.replace(b"north", b"morth", 1)):
        path.write_bytes(damaged)
        with pytest.raises(ModelFileError, match=r"m\.mlogit: "):
            io.load(path)
