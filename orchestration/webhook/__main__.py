"""`python -m orchestration.webhook`: serve until stopped."""

import sys

from orchestration.webhook.app import main

if __name__ == "__main__":
    sys.exit(main())
