"""Mail is handed over once; the server's words decide whether to try again."""

from __future__ import annotations

import email
import email.policy

import pytest

from liandun.notices.channel import Fate, Notice
from liandun.notices.mail import MailServer, message, send_mail
from tests.notices.outside import mail_server
from tests.notices.test_transport import NOTICE, NOW


def sent(port, notice=NOTICE):
    return send_mail(
        MailServer("127.0.0.1", port, "liandun@office.example", "none"), notice, "head@office.example", NOW
    )


def test_a_mail_arrives_whole_in_chinese():
    with mail_server({}) as (port, taken):
        assert sent(port).fate is Fate.DELIVERED
    got = email.message_from_bytes(taken[0], policy=email.policy.default)
    assert (got["Subject"], got["To"]) == (NOTICE.title, "head@office.example")
    assert NOTICE.text in got.get_content().replace("\r\n", "\n")
    assert got["Message-ID"] == f"<{NOTICE.uid}@office.example>"


@pytest.mark.parametrize(
    ("replies", "fate"),
    [
        ({"RCPT": "550 no such user"}, Fate.REFUSED),
        ({"RCPT": "451 later"}, Fate.RETRY),
        ({"MAIL": "552 too large"}, Fate.REFUSED),
        ({"hello": "421 busy"}, Fate.RETRY),
    ],
)
def test_the_server_s_words_decide(replies, fate):
    with mail_server(replies) as (port, taken):
        assert sent(port).fate is fate
    assert taken == []


def test_a_server_that_is_away_means_later():
    with mail_server({}) as (port, _):
        pass
    assert sent(port).fate is Fate.RETRY


def test_a_title_can_not_add_headers():
    mail = message(Notice("1", "t\r\nBcc: all@office.example", "x"), "a@b.example", "c@d.example", NOW)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "t Bcc: all@office.example"
