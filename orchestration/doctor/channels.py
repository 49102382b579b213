"""What the doctor says of Slack, mail and webhook; it sends a message only when it is asked to."""

from collections.abc import Callable

from orchestration.alerts import messages
from orchestration.alerts.channels import UnsentError, send_mail, send_to_slack, signed_in
from orchestration.doctor.row import BAD, GOOD, OFF, Given, Row


def slack(given: Given) -> Row:
    """Whether the address is well-formed; only a message shows more, as a webhook answers to nothing else."""
    if (address := given.settings.slack) is None:
        return Row(OFF, "no SLACK_WEBHOOK_URL")
    if not given.send:
        return Row(GOOD, "the address is well-formed; `make doctor SEND=1` sends a message")
    test = messages.test(given.settings.language)
    return _sent(lambda: send_to_slack(address, test), "SLACK_WEBHOOK_URL")


def mail(given: Given) -> Row:
    """Whether the server lets us in; a letter goes out only if `send`."""
    if (address := given.settings.mail) is None:
        return Row(OFF, "no ALERT_EMAIL_TO")
    if given.send:
        test = messages.test(given.settings.language)
        return _sent(lambda: send_mail(address, test), "SMTP_* and ALERT_EMAIL_*")
    server = f"{address.host}:{address.port}"
    try:
        with signed_in(address) as connection:
            connection.noop()
    except UnsentError as error:
        advice = "Check SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD."
        return Row(BAD, f"{server}: {error} {advice}")
    return Row(GOOD, f"{server} lets us in; `make doctor SEND=1` sends a letter")


def _sent(send: Callable[[], list[str] | None], names: str) -> Row:
    try:
        refused = send()
    except UnsentError as error:
        return Row(BAD, f"{error} Check {names}.")
    if refused:
        missed = f"a letter was sent, but not to {', '.join(refused)}, which the mail server refused"
        return Row(BAD, f"{missed}. Check ALERT_EMAIL_TO.")
    return Row(GOOD, "a message was sent")


def webhook(given: Given) -> Row:
    """Whether it is on, and where it would listen."""
    if given.settings.webhook is None:
        return Row(OFF, "no WEBHOOK_SECRET")
    return Row(GOOD, f"for {given.settings.web.host}:{given.settings.web.port}")
