"""`python -m liandun` is the `liandun` command."""

import sys

from liandun.cli import main

if __name__ == "__main__":
    sys.exit(main())
