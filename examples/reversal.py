"""The network of the article "Neural Networks and the generalisation problem", with its import lines changed alone.

It learns to reverse six binary numbers whose first digit is 0, and nothing about reversing: where the first digit is 1
it answers much as if that were 0, because a weight whose input was always 0 was never trained.

Run: python examples/reversal.py
"""

import numpy as np

from multilogit.networks.layers import Activation, Dense
from multilogit.networks.models import Sequential
from multilogit.networks.optimizers import SGD

x = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 1], [0, 1, 1, 0], [0, 1, 1, 1]])
y = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [1, 1, 1, 0]])

model = Sequential()
model.add(Dense(4, input_shape=(4,)))
model.add(Activation("sigmoid"))
model.add(Dense(4))
model.add(Activation("sigmoid"))
model.compile(loss="mean_squared_error", optimizer=SGD(lr=0.1))

model.fit(x, y, epochs=10000, batch_size=8, verbose=0)
print(np.around(model.predict(x)))

offdim = np.array([[1, 0, 0, 0], [1, 0, 0, 1], [1, 0, 1, 0], [1, 1, 0, 1], [1, 1, 1, 0], [1, 1, 1, 1]])
print(np.around(model.predict(offdim)))
