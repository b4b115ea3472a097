"""Static files: served packed, kept for ever, and asked for anew when they change."""

from __future__ import annotations

import pytest
from django.templatetags.static import static


def test_an_address_carries_the_digest_of_its_file():
    address, digest = static("mark.svg").split("?")
    assert address == "/static/mark.svg"
    assert len(digest) == 12


def test_a_file_that_is_not_there_is_an_error_with_advice():
    with pytest.raises(ValueError, match=r"none\.js.*hatch_build"):
        static("none.js")


@pytest.mark.django_db
def test_files_are_sent_packed_and_may_be_kept(client, bundle):
    answer = client.get(static("vendor/app.css"), headers={"Accept-Encoding": "gzip"})
    answer.close()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
