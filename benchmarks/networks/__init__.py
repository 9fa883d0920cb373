"""Training of small networks: multilogit.networks beside scikit-learn, Keras, JAX and PyTorch."""
