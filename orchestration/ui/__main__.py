"""`python -m orchestration.ui`: the server of Dagster's web interface, with the guard in its own process.

Dagster has no option for a middleware, but a function that makes the application; the rest of its command
`dagster-webserver` is these few lines.
"""

import argparse
import os
import sys
from contextlib import suppress

import uvicorn
from dagster import DagsterInstance, __version__
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.cli import (
    DEFAULT_DB_STATEMENT_TIMEOUT,
    DEFAULT_POOL_MAX_OVERFLOW,
    DEFAULT_POOL_RECYCLE,
)
from starlette.applications import Starlette

from orchestration import settings, this_machine
from orchestration.environment import ROOT, SettingsError, dagster_home, read_environment
from orchestration.ui.guard import Guard

WORKSPACE = ROOT / "deploy" / "workspace.yaml"


def application(context: WorkspaceProcessContext, port: int, url: str) -> Starlette:
    """Return the web interface, which answers under `url` and, on `port`, under this machine's own names."""
    app = create_app_from_workspace_process_context(context)
    own = (f"http://127.0.0.1:{port}", f"http://localhost:{port}")
    app.add_middleware(Guard, addresses=[*own, url])
    return app


def main() -> int:
    """Serve until a signal stops it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.ui")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=3000, type=int)
    options = parser.parse_args()
    problems: list[str] = []
    try:
        read_environment()
        url = settings.read(os.environ, problems).dagster_url
        problems += filter(None, [this_machine.problem(dagster_home())])
    except SettingsError as error:
        problems.append(str(error))
    if problems:
        print("\n".join(f"Error: {problem}" for problem in problems), file=sys.stderr)
        return 1
    with (
        DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            instance, WorkspaceFileTarget([str(WORKSPACE)]), version=__version__
        ) as context,
    ):
        instance.optimize_for_webserver(
            DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW
        )
        with suppress(KeyboardInterrupt):
            uvicorn.run(
                application(context, options.port, url),
                host=options.host,
                port=options.port,
                lifespan="off",
                log_level="warning",
                timeout_graceful_shutdown=5,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
