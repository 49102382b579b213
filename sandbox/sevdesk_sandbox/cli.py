"""`sevdesk-sandbox [OPTIONS] [COMMAND ...]`: serve, or run COMMAND beside a sandbox."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from dotenv import dotenv_values

from sevdesk_sandbox.process import run, serve
from sevdesk_sandbox.sandbox import Sandbox

SETTINGS = ("SEVDESK_API_KEY", "SEVDESK_API_URL")
DEFAULT_PORT, LAST_PORT = 8765, 65_535


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code: COMMAND's own, or 2 for a bad argument."""
    options = _parser().parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    try:
        given = _given() if command else None
    except ValueError:  # of another encoding: bytes that are no UTF-8
        _say(".env is not UTF-8 text. Save it as UTF-8 in your editor, and run again.")
        return 2
    if given:
        _say(f"{given}: no sandbox is started")
        return _become(command)
    try:
        port = options.port if options.port is not None else (0 if command else DEFAULT_PORT)
        switches = dict(text.split("=", 1) for text in options.switch)
        firm = {"seed": options.seed, "now": options.now, "size": options.size, "odd": not options.plain}
        sandbox = Sandbox(**firm, port=port, **switches)
    except OSError as problem:
        _say(
            f"no access to port {port} ({problem.strerror}): stop what uses it, or choose another with --port"
        )
        return 2
    except (ValueError, OverflowError) as problem:
        _say(str(problem))
        return 2
    if not command:
        return serve(sandbox)
    _say(f"no SEVDESK_API_KEY is set: a made-up sevDesk serves at {sandbox.url} while {command[0]} runs")
    return run(sandbox, command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sevdesk-sandbox",
        description="A made-up sevDesk on 127.0.0.1. Without COMMAND it serves until it is stopped or its "
        "parent ends. With COMMAND it serves while that runs, and gives it SEVDESK_API_URL and "
        "SEVDESK_API_KEY; if one of them is set (environment, ./.env), COMMAND runs without a sandbox.",
    )
    parser.add_argument("--port", type=_port, help=f"default: {DEFAULT_PORT}, with COMMAND a free one")
    parser.add_argument("--seed", type=int, default=1, help="which firm (default: 1)")
    parser.add_argument(
        "--now", help="freeze the clock at this ISO time with offset (default: the real time)"
    )
    parser.add_argument("--size", type=_count, default=0, help="that many more plain invoices (default: 0)")
    parser.add_argument("--plain", action="store_true", help="leave out the firm's odd documents")
    parser.add_argument(
        "--switch", action="append", default=[], type=_switch, metavar="NAME=VALUE", help="see README.md"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    return parser


def _port(text: str) -> int:
    if not (text.isdigit() and int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to {LAST_PORT}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is no whole number")
    return int(text)


def _switch(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text} lacks its value: --switch {text}=...")
    return text


def _given() -> str | None:
    """Say where the address or the key of another sevDesk was found."""
    for name in SETTINGS:
        if os.environ.get(name):
            return f"{name} is set in the environment"
    values = dotenv_values(".env", encoding="utf-8-sig")
    return next((f"{name} is set in .env" for name in SETTINGS if values.get(name)), None)


def _become(command: list[str]) -> int:
    """Replace this process by COMMAND."""
    sys.stderr.flush()
    try:
        os.execvp(command[0], command)  # noqa: S606 - the user's own command
    except OSError as problem:
        _say(f"cannot run {command[0]}: {problem.strerror}")
        return 127 if isinstance(problem, FileNotFoundError) else 126


def _say(sentence: str) -> None:
    print(f"sevdesk-sandbox: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
