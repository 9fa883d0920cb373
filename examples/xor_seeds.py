"""How often does the XOR network of xor.py solve XOR? Two hundred beginnings, each with 100,000 epochs.

The share is printed with its 95% interval (Wilson). Run: python examples/xor_seeds.py
"""

import math

import numpy as np

from multilogit import networks

SEEDS = 200

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])


def outputs(seed):
    """Return what the network gives for the four rows after the article's training, from the weights of one seed."""
    networks.set_random_seed(seed)
    model = networks.Sequential(
        [networks.Input((2,)), networks.Dense(2, activation="sigmoid"), networks.Dense(1, activation="sigmoid")]
    )
    model.compile(loss="mean_squared_error", optimizer="sgd")
    model.fit(x, y, epochs=100_000, batch_size=4, verbose=0)
    return model.predict(x)


def wilson(successes, trials, z=1.959964):
    """Return the 95% interval of a share: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212."""
    p, shrink = successes / trials, 1 + z * z / trials
    middle = (p + z * z / (2 * trials)) / shrink
    half = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials)) / shrink
    return middle - half, middle + half


if __name__ == "__main__":
    errors = np.array([np.abs(outputs(seed) - y).max() for seed in range(SEEDS)])
    for words, limit in (("correct when rounded", 0.5), ("within 0.1 of the targets", 0.1)):
        count = int((errors < limit).sum())
        low, high = wilson(count, SEEDS)
        print(f"{words}: {count} of {SEEDS}, {count / SEEDS:.1%} (95% interval {low:.1%} to {high:.1%})")
