"""Sending a message: to Slack by an incoming webhook, to people by e-mail."""

import json
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from html import escape
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.request import HTTPErrorProcessor, Request, build_opener

from orchestration.alerts.settings import Mail, Slack

PATIENCE_SECONDS = 10.0
NOT_TAKEN = re.compile(rb'^\s*<|"(ok|success)"\s*:\s*false')
"""What answers 200 and has delivered nothing: a page for people, Slack's own API without a token."""


class UnsentError(Exception):
    """The message did not go out; the text says why and bears no secret."""


@dataclass(frozen=True)
class Message:
    """One alert in `language`, a code: a title, and what happened and what to do, a line for each.

    `mark` is how Slack draws attention, as `:red_circle:`. `links` are where to look, by name.
    """

    mark: str
    title: str
    text: str
    links: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"

    @property
    def link_lines(self) -> list[str]:
        """The links as text."""
        return [f"{name}: {url}" for name, url in self.links.items()]


class _AsAnswered(HTTPErrorProcessor):
    """Follows no redirect: the message would arrive as a GET without its text, and count as sent."""

    def https_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:  # noqa: ARG002
        """Take the answer as it is; urllib itself would raise an error, or ask elsewhere."""
        return response

    http_response = https_response


def send_to_slack(slack: Slack, message: Message) -> None:
    """Post `message` to the channel that the webhook belongs to. Raises UnsentError."""
    title, said = escape(message.title, quote=False), escape(message.text, quote=False)
    text = "\n".join([f"{message.mark} *{title}*", said, *message.link_lines])
    status, answer = _post(slack.url, {"text": text, "blocks": _blocks(message)})
    if status == HTTPStatus.BAD_REQUEST:  # Slack is strict with blocks: better plain than not at all
        status, answer = _post(slack.url, {"text": text})
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise UnsentError(f"Slack did not take the message: HTTP {status}.")
    if NOT_TAKEN.search(answer):
        raise UnsentError("Slack did not take the message: what answers is no incoming webhook.")


def _post(url: str, body: dict[str, Any]) -> tuple[int, bytes]:
    """Post `body` as JSON; return status and beginning of the answer. Raises UnsentError without one."""
    headers = {"Content-Type": "application/json"}
    request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - checked
    try:
        with build_opener(_AsAnswered).open(request, timeout=PATIENCE_SECONDS) as answer:
            return int(answer.status), answer.read(100)
    except (OSError, HTTPException, UnicodeError) as error:  # no `from error`: it may quote the address
        reason = getattr(error, "reason", error)
        raise UnsentError(f"Slack cannot be reached: {type(reason).__name__}.") from None


def _blocks(message: Message) -> list[dict[str, Any]]:
    """Return `message` in Slack's Block Kit: a heading, the lines of the text, a button for each link."""

    def words(text: str) -> dict[str, Any]:
        return {"type": "plain_text", "text": text, "emoji": True}

    buttons = [{"type": "button", "text": words(name), "url": url} for name, url in message.links.items()]
    return [
        {"type": "header", "text": words(f"{message.mark} {message.title}")},
        *({"type": "section", "text": words(line)} for line in message.text.splitlines()),
        *([{"type": "actions", "elements": buttons}] if buttons else []),
    ]


def send_mail(mail: Mail, message: Message) -> list[str]:
    """Send `message` to all addresses of `mail`, in one letter; return those that the server refused.

    Raises UnsentError unless it was taken for one at least.
    """
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = message.title, mail.sender, ", ".join(mail.to)
    letter["Date"], letter["Message-ID"] = formatdate(localtime=True), make_msgid(domain="sevdesk-pipeline")
    letter["Auto-Submitted"] = "auto-generated"  # nobody's out-of-office note answers it
    letter.set_content("\n".join([message.text, "", *message.link_lines, ""]))
    letter.add_alternative(_html(message), subtype="html")
    with signed_in(mail) as server:
        return list(server.send_message(letter))


def _html(message: Message) -> str:
    """Return `message` as a small page without pictures or addresses but its own links."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in message.text.splitlines())
    links = " · ".join(f'<a href="{escape(url)}">{escape(name)}</a>' for name, url in message.links.items())
    return (
        f'<!doctype html><html lang="{message.language}">'
        '<body style="font-family: sans-serif; max-width: 40em">'
        f'<h1 style="font-size: 1.2em">{escape(message.title)}</h1>{lines}<p>{links}</p></body></html>\n'
    )


@contextmanager
def signed_in(mail: Mail) -> Iterator[smtplib.SMTP]:
    """Yield a connection to the server of `mail`, signed in if that has a user. Raises UnsentError."""
    context = ssl.create_default_context()
    connect = partial(smtplib.SMTP_SSL, context=context) if mail.security == "tls" else smtplib.SMTP
    try:
        with closing(connect(mail.host, mail.port, timeout=PATIENCE_SECONDS)) as server:
            if mail.security == "starttls":
                server.starttls(context=context)
            if mail.user:
                server.login(mail.user, mail.password)
            yield server
            with suppress(OSError):  # what was taken was sent, whatever is said at the end
                server.quit()
    except smtplib.SMTPResponseException as error:
        raise UnsentError(
            f"The mail server refused: {type(error).__name__}, code {error.smtp_code}."
        ) from None
    except (OSError, smtplib.SMTPException, UnicodeError) as error:  # a host as `smtp..example.com`
        raise UnsentError(f"The mail was not sent: {type(error).__name__}.") from None
