"""``python -m mnverify``."""

import sys

from mnverify.cli import main

if __name__ == "__main__":
    sys.exit(main())
