"""E-mail by an SMTP server: plain text in UTF-8, with the notice's uid as the message's, so a repeat is recognised."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from liandun.notices.channel import DELIVERED, Fate, Notice, Outcome
from liandun.notices.transport import TIMEOUT_S

_LATER = range(400, 500)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over.

    Attributes:
        encryption: "none" (a server on the same machine), "starttls" or "tls".
        sender: address that mails come from.
    """

    host: str
    port: int
    sender: str
    encryption: str = "starttls"
    user: str = ""
    password: str = ""


def message(notice: Notice, sender: str, to: str, now: datetime) -> EmailMessage:
    """The notice as a mail; line breaks in a title can't become headers."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(notice.title.split())
    mail["From"], mail["To"], mail["Date"] = sender, to, format_datetime(now)
    mail["Message-ID"] = f"<{notice.uid}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    link = f"\n\n{notice.link_text}\n{notice.link}" if notice.link else ""
    mail.set_content(notice.text + link + "\n", charset="utf-8")
    return mail


def send_mail(server: MailServer, notice: Notice, to: str, now: datetime) -> Outcome:
    """Hand a mail over; 4xx of the server means later, 5xx never."""
    try:
        with _connected(server) as connection:
            connection.send_message(message(notice, server.sender, to, now))
    except smtplib.SMTPRecipientsRefused as error:
        return _refusal(*next(iter(error.recipients.values())))
    except smtplib.SMTPResponseException as error:
        return _refusal(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(Fate.RETRY, f"{type(error).__name__}: {error}")
    return DELIVERED


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.encryption == "tls":
        context = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        if server.encryption == "starttls":
            connection.starttls(context=ssl.create_default_context())
    if server.user:
        connection.login(server.user, server.password)
    return connection


def _refusal(code: int, said: bytes | str) -> Outcome:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Outcome(Fate.RETRY if code in _LATER else Fate.REFUSED, f"{code}: {text}")
