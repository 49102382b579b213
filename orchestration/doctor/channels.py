"""What the doctor says of Slack, mail and webhook; it sends a message only when it is asked to."""

from collections.abc import Callable, Iterable

from orchestration.alerts import messages
from orchestration.alerts.channels import UnsentError, send_mail, send_to_slack, signed_in
from orchestration.doctor.row import BAD, GOOD, OFF, Given, Row


def slack(given: Given) -> Iterable[Row]:
    """Whether the address is well-formed; only a message shows more, as a webhook answers to nothing else."""
    if (address := given.settings.slack) is None:
        yield Row(OFF, "Slack", "no SLACK_WEBHOOK_URL")
    elif not given.send:
        yield Row(GOOD, "Slack", "the address is well-formed; `make doctor SEND=1` sends a message")
    else:
        test = messages.test(given.settings.language)
        yield _sent("Slack", lambda: send_to_slack(address, test), "SLACK_WEBHOOK_URL")


def mail(given: Given) -> Iterable[Row]:
    """Whether the server lets us in; a letter goes out only if `send`."""
    if (address := given.settings.mail) is None:
        yield Row(OFF, "mail", "no ALERT_EMAIL_TO")
    elif given.send:
        test = messages.test(given.settings.language)
        yield _sent("mail", lambda: send_mail(address, test), "SMTP_* and ALERT_EMAIL_*")
    else:
        server = f"{address.host}:{address.port}"
        try:
            with signed_in(address) as connection:
                connection.noop()
        except UnsentError as error:
            advice = "Check SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD."
            yield Row(BAD, "mail", f"{server}: {error} {advice}")
        else:
            yield Row(GOOD, "mail", f"{server} lets us in; `make doctor SEND=1` sends a letter")


def _sent(what: str, send: Callable[[], list[str] | None], names: str) -> Row:
    try:
        refused = send()
    except UnsentError as error:
        return Row(BAD, what, f"{error} Check {names}.")
    if refused:
        missed = f"a letter was sent, but not to {', '.join(refused)}, which the mail server refused"
        return Row(BAD, what, f"{missed}. Check ALERT_EMAIL_TO.")
    return Row(GOOD, what, "a message was sent")


def webhook(given: Given) -> Iterable[Row]:
    """Whether it is on, and where it would listen."""
    if given.settings.webhook is None:
        yield Row(OFF, "webhook", "no WEBHOOK_SECRET")
    else:
        yield Row(GOOD, "webhook", f"for {given.settings.web.host}:{given.settings.web.port}")
