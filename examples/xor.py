"""The XOR network of the article "XOR Revisited: Keras and TensorFlow", with its import lines changed and nothing else.

Whether it solves XOR depends on where its nine weights begin: see xor_seeds.py. Run: python examples/xor.py
"""

import numpy as np

from multilogit.networks.layers import Activation, Dense
from multilogit.networks.models import Sequential

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])

model = Sequential()
model.add(Dense(2, input_shape=(2,)))
model.add(Activation("sigmoid"))
model.add(Dense(1))
model.add(Activation("sigmoid"))

model.compile(loss="mean_squared_error", optimizer="sgd", metrics=["accuracy"])
model.summary()

model.fit(x, y, epochs=100000, batch_size=4)
print(model.predict(x, verbose=1))
