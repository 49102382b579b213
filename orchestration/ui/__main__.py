"""`python -m orchestration.ui`: serve until stopped."""

import sys

from orchestration.ui.server import main

if __name__ == "__main__":
    sys.exit(main())
