"""`python -m orchestration.webhook`: serve until stopped."""

import logging
import socket
import sys
from contextlib import suppress

import uvicorn

from orchestration import this_machine
from orchestration.environment import SettingsError, dagster_home
from orchestration.settings import read_all
from orchestration.webhook.app import config
from orchestration.webhook.settings import Web

OFF = "The webhook is off. Set WEBHOOK_SECRET in .env to have it (.env.example says how)."


def main() -> int:
    """Serve until stopped; return the exit code."""
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO)
    try:
        settings = read_all()[1]
        stopped = this_machine.problem(dagster_home()) or _taken(settings.web)
    except SettingsError as error:
        stopped = str(error)
    if stopped:
        print(f"Error: {stopped}", file=sys.stderr)
        return 1
    web = settings.web
    print(f"The dashboard is at {web.url}/", flush=True)
    listens = f"The webhook listens on http://{web.host}:{web.port}/webhook"
    print(listens if settings.webhook else OFF, flush=True)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config(web, settings.webhook)).run()
    return 0


def _taken(web: Web) -> str | None:
    """Return why nothing can listen where `web` says, and what to do; None if something can."""
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        socket.create_server((web.host, web.port), family=family).close()
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Python adds the address
        what = f"Nothing can be served on {web.host}:{web.port} ({why})."
        return f"{what} End what is there, or set WEBHOOK_HOST and WEBHOOK_PORT in .env."
    return None


if __name__ == "__main__":
    sys.exit(main())
