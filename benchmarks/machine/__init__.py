"""The machine: what it can do at most, and its name, cores, memory and versions."""
