"""Sending a message: to Slack by an incoming webhook, to people by e-mail."""

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from typing import Any

from orchestration.settings import Mail, Slack

PATIENCE_SECONDS = 10.0


class UnsentError(Exception):
    """The message did not go out; the text says why and bears no secret."""


@dataclass(frozen=True)
class Message:
    """One alert: a title, what happened and what to do in plain sentences, and where an engineer looks."""

    mark: str
    """How Slack draws attention, as `:red_circle:`."""
    title: str
    text: str
    link: str
    dashboard: str = ""
    """Where people open the dashboard; empty where nobody but this machine can."""

    def links(self) -> str:
        """Return where to look, a line each: people first, then engineers."""
        people = f"Dashboard: {self.dashboard}\n" if self.dashboard else ""
        return f"{people}For engineers: {self.link}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A message that was redirected would arrive as a GET without it, and count as sent."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401
        return None


def send_to_slack(slack: Slack, message: Message) -> None:
    """Post `message` to the channel that the webhook belongs to. Raises UnsentError."""
    text = f"{message.mark} *{_plain(message.title)}*\n{_plain(message.text)}\n{message.links()}"
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(slack.url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=PATIENCE_SECONDS) as answer:
            answer.read(100)
    except urllib.error.HTTPError as error:
        raise UnsentError(f"Slack did not take the message: HTTP {error.code}.") from None
    except (OSError, HTTPException) as error:  # no `from error`: it may quote the address
        reason = getattr(error, "reason", error)
        raise UnsentError(f"Slack cannot be reached: {type(reason).__name__}.") from None


def _plain(text: str) -> str:
    """Return `text` with the three characters escaped that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def send_mail(mail: Mail, message: Message) -> None:
    """Send `message` to all addresses of `mail`, in one letter. Raises UnsentError unless it was taken."""
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = message.title, mail.sender, ", ".join(mail.to)
    letter["Date"], letter["Message-ID"] = formatdate(localtime=True), make_msgid(domain="sevdesk-pipeline")
    letter["Auto-Submitted"] = "auto-generated"  # nobody's out-of-office note answers it
    letter.set_content(f"{message.text}\n\n{message.links()}\n")
    with signed_in(mail) as server:
        server.send_message(letter)


@contextmanager
def signed_in(mail: Mail) -> Iterator[smtplib.SMTP]:
    """Yield a connection to the server of `mail`, signed in if that has a user. Raises UnsentError."""
    try:
        with _server(mail) as server:
            if mail.user:
                server.login(mail.user, mail.password)
            yield server
    except smtplib.SMTPResponseException as error:
        raise UnsentError(
            f"The mail server refused: {type(error).__name__}, code {error.smtp_code}."
        ) from None
    except (OSError, smtplib.SMTPException) as error:  # SMTPException is one, but not in words
        raise UnsentError(f"The mail was not sent: {type(error).__name__}.") from None


def _server(mail: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE_SECONDS, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE_SECONDS)
    if mail.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server
