"""Sources of rows: where the data are, and in which representation, is known on this floor only."""
