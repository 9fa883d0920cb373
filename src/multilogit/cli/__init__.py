"""The command ``multilogit``: one file per command, over the same code path as Python.

Results go to the standard output, warnings and errors to the standard error. The exit code is 0 if all went
well, 1 for a fault in the input or the run, with one sentence, and 2 for a fault in the command line.
"""
