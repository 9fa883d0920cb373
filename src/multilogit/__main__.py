"""``python -m multilogit`` is the command ``multilogit``."""

from multilogit.cli.entry import main

if __name__ == "__main__":
    main()
