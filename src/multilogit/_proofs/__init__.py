"""What a point proves: how far the optimum is, whether there is one, which hyperplane separates classes."""
