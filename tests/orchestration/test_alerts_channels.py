"""The two channels: a message arrives whole and once, or the sender knows that it did not."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from orchestration.alerts import messages
from orchestration.alerts.channels import Message, UnsentError, send_mail, send_to_slack
from orchestration.alerts.settings import Mail, Slack
from tests.helpers.alert_servers import Box, Letters, Server, free_port

DAY = timedelta(days=1)
ENGINEERS = {"For engineers": "https://dagster.example/runs/1"}
BOTH = {"Dashboard": "https://d.example", **ENGINEERS}
HELLO = Message(":wave:", "Hello", "What happened.\nWhat to do: grüßen.", ENGINEERS)


def text_of(letter: bytes, kind: str = "plain") -> str:
    """Return the text of a letter, or its HTML."""
    read = message_from_bytes(letter, policy=default)
    assert isinstance(read, EmailMessage)
    body = read.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


class TestSlack:
    def test_a_message_has_a_heading_its_text_and_a_button_for_each_link(
        self, slack: tuple[Slack, Box]
    ) -> None:
        address, box = slack
        send_to_slack(address, replace(HELLO, text="5 < 6 & *so*\nDone.", links=BOTH))
        heading, *lines, actions = box.blocks[0]
        assert heading["text"] == {"type": "plain_text", "text": ":wave: Hello", "emoji": True}
        assert [line["text"]["text"] for line in lines] == ["5 < 6 & *so*", "Done."]
        assert {line["text"]["type"] for line in lines} == {"plain_text"}
        assert {button["text"]["text"]: button["url"] for button in actions["elements"]} == BOTH
        links = "Dashboard: https://d.example\nFor engineers: https://dagster.example/runs/1"
        assert box.texts == [f":wave: *Hello*\n5 &lt; 6 &amp; *so*\nDone.\n{links}"]

    def test_a_message_without_a_link_has_no_button(self, slack: tuple[Slack, Box]) -> None:
        """Slack refuses a button without an address, and so all blocks."""
        address, box = slack
        send_to_slack(address, messages.test("en"))
        assert [block["type"] for block in box.blocks[0]] == ["header", "section"]
        assert "For engineers" not in box.texts[0]

    def test_a_message_whose_blocks_are_refused_arrives_as_text(self, slack: tuple[Slack, Box]) -> None:
        address, box = slack
        box.takes_blocks = False
        send_to_slack(address, HELLO)
        assert (len(box.texts), box.blocks) == (1, [[]])

    def test_a_message_refused_in_both_forms_was_not_sent(self, slack: tuple[Slack, Box]) -> None:
        address, box = slack
        box.status = 400
        with pytest.raises(UnsentError, match="HTTP 400"):
            send_to_slack(address, HELLO)

    @pytest.mark.parametrize(
        "answer",
        [b'{"ok":false,"error":"not_authed"}', b"\n<!DOCTYPE html><html>", b'{"success": false}'],
    )
    def test_a_message_that_something_else_answers_was_not_sent(
        self, slack: tuple[Slack, Box], answer: bytes
    ) -> None:
        """Slack's own API, or a page for people, says 200 all the same."""
        address, box = slack
        box.answer = answer
        with pytest.raises(UnsentError, match="no incoming webhook"):
            send_to_slack(address, HELLO)

    @pytest.mark.parametrize("answer", [b"ok", b'{"ok":true}', b""])
    def test_a_message_that_was_taken_was_sent(self, slack: tuple[Slack, Box], answer: bytes) -> None:
        address, box = slack
        box.answer = answer
        send_to_slack(address, HELLO)
        assert len(box.texts) == 1

    def test_a_host_that_cannot_be_one_is_reported_without_the_address(self) -> None:
        with pytest.raises(UnsentError) as unsent:
            send_to_slack(Slack("https://hooks..slack.com/services/T0/B0/sEcReT"), HELLO)
        assert str(unsent.value) == "Slack cannot be reached: UnicodeError."

    def test_nor_the_address_of_the_channel_in_its_own_errors(self, slack: tuple[Slack, Box]) -> None:
        address, box = slack
        box.status = 404
        with pytest.raises(UnsentError) as refused:
            send_to_slack(address, HELLO)
        assert str(refused.value) == "Slack did not take the message: HTTP 404."
        with pytest.raises(UnsentError) as unreachable:
            send_to_slack(Slack("http://127.0.0.1:1/sEcReT"), HELLO)
        assert str(unreachable.value) == "Slack cannot be reached: ConnectionRefusedError."
        assert "sEcReT" not in repr(address)

    @pytest.mark.parametrize("where", ["/elsewhere", "http://[", "ftp://x"])
    def test_a_redirect_does_not_count_as_sent(self, slack: tuple[Slack, Box], where: str) -> None:
        address, box = slack
        box.status, box.location = 302, where
        with pytest.raises(UnsentError, match="HTTP 302"):
            send_to_slack(address, HELLO)


class TestMail:
    def test_everybody_gets_one_letter(self, post: tuple[Mail, Letters]) -> None:
        mail, letters = post
        send_mail(mail, HELLO)
        (envelope,) = letters.letters
        assert envelope.rcpt_tos == ["finance@example.com", "boss@example.com"]
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        assert (letter["Subject"], letter["From"]) == ("Hello", "pipeline@example.com")
        assert letter["Auto-Submitted"] == "auto-generated"
        text = "What happened.\nWhat to do: grüßen.\n\nFor engineers: https://dagster.example/runs/1\n"
        assert text_of(envelope.content) == text

    def test_its_html_says_the_same_and_nothing_in_it_is_markup(self, post: tuple[Mail, Letters]) -> None:
        send_mail(post[0], replace(HELLO, text="One & <b>two</b>.\nThree.", links=BOTH))
        html = text_of(post[1].letters[-1].content, "html")
        assert "<p>One &amp; &lt;b&gt;two&lt;/b&gt;.</p><p>Three.</p>" in html
        assert '<a href="https://d.example">Dashboard</a>' in html
        assert '<a href="https://dagster.example/runs/1">For engineers</a>' in html

    def test_a_wrong_password_is_reported_without_it(self, post: tuple[Mail, Letters]) -> None:
        mail = replace(post[0], user="pipeline", password="wrong")
        with pytest.raises(
            UnsentError, match=r"^The mail server refused: SMTPAuthenticationError, code 535\.$"
        ):
            send_mail(mail, HELLO)
        assert "wrong" not in repr(mail)

    def test_a_right_one_is_let_in(self, post: tuple[Mail, Letters]) -> None:
        send_mail(replace(post[0], user="pipeline", password="right"), HELLO)
        assert len(post[1].letters) == 1

    def test_one_unknown_address_does_not_keep_the_letter_from_the_others(
        self, post: tuple[Mail, Letters]
    ) -> None:
        send_mail(replace(post[0], to=("nobody@example.com", "finance@example.com")), HELLO)
        assert [envelope.rcpt_tos for envelope in post[1].letters] == [["finance@example.com"]]

    def test_a_letter_that_was_taken_was_sent_whatever_the_server_says_when_it_is_left(
        self, post: tuple[Mail, Letters]
    ) -> None:
        """It came again every fifteen seconds."""
        post[1].farewell = "421 Closing"
        send_mail(post[0], HELLO)
        assert len(post[1].letters) == 1

    def test_if_all_are_unknown_it_was_not_sent(self, post: tuple[Mail, Letters]) -> None:
        with pytest.raises(UnsentError, match=r"^The mail was not sent: SMTPRecipientsRefused\.$"):
            send_mail(replace(post[0], to=("nobody@example.com",)), HELLO)

    def test_a_host_that_cannot_be_one(self, post: tuple[Mail, Letters]) -> None:
        with pytest.raises(UnsentError, match=r"^The mail was not sent: UnicodeError\.$"):
            send_mail(replace(post[0], host="smtp..example.com"), HELLO)

    def test_a_server_that_is_down(self) -> None:
        mail = Mail(("a@example.com",), "b@example.com", "127.0.0.1", 1, "starttls", "", "")
        with pytest.raises(UnsentError, match=r"^The mail was not sent: ConnectionRefusedError\.$"):
            send_mail(mail, HELLO)

    def test_a_server_without_encryption_gets_nothing_unless_allowed(
        self, post: tuple[Mail, Letters]
    ) -> None:
        with pytest.raises(UnsentError, match="SMTPNotSupportedError"):
            send_mail(replace(post[0], security="starttls"), HELLO)
        assert post[1].letters == []

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_an_encrypted_one_must_have_a_certificate_that_the_machine_trusts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
    ) -> None:
        letters, certificate = Letters(), self.certificate(tmp_path)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        options: dict[str, Any] = {"ssl_context": context} if security == "tls" else {"tls_context": context}
        server = Server(letters, hostname="127.0.0.1", port=free_port(), **options)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        server.start()
        to = ("finance@example.com",)
        mail = Mail(to, "pipeline@example.com", "127.0.0.1", server.port, security, "", "")
        try:
            send_mail(mail, HELLO)
            monkeypatch.delenv("SSL_CERT_FILE")
            with pytest.raises(UnsentError, match="SSLCertVerificationError"):
                send_mail(mail, HELLO)
        finally:
            server.stop()
        assert len(letters.letters) == 1

    @staticmethod
    def certificate(folder: Path) -> Path:
        """Make a certificate of its own authority for 127.0.0.1, with its key in the same file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now - DAY, now + DAY)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = folder / "mail.pem"
        plain = serialization.NoEncryption()
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        path.write_bytes(built.public_bytes(pem) + key.private_bytes(pem, pkcs8, plain))
        return path
