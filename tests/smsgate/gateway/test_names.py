"""Names of files in an account's folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.gateway import names


@pytest.mark.parametrize(
    "name",
    [".hidden", "a.tmp", "a.PART", "a.txt.filepart", "a.partial", "a.Uploading", "a.crdownload"],
)
def test_temporary(name):
    assert names.is_temporary(name)


@pytest.mark.parametrize("name", ["a.txt", "a", "tmp", "part", "a.tmp.txt", "a.log"])
def test_not_temporary(name):
    assert not names.is_temporary(name)


def test_logs():
    assert names.is_log("history.log")
    assert names.is_log("a.txt.LOG")
    assert not names.is_log("log")
    assert not names.is_log("a.log.txt")


@pytest.mark.parametrize("name", ["a", "a.txt", ".a", "Grüße.txt", "a b.txt", "-a", "~", "x" * 200])
def test_allowed(name):
    assert names.problem(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "expected the name of a file"),
        (".", "expected the name of a file"),
        ("..", "expected the name of a file"),
        ("...", "expected the name of a file"),
        (" ", "expected the name of a file"),
        ("a/b", "there are no folders here"),
        ("..\\b", "there are no folders here"),
        ("a\nb", "control characters in the name"),
        ("a\x00", "control characters in the name"),
        ("a\x85", "control characters in the name"),
        ("\u202eexe.txt", "control characters in the name"),
        ("\udc80", "control characters in the name"),
        ("x" * 201, "the name is longer than 200 octets"),
        ("ü" * 101, "the name is longer than 200 octets"),
        ("a.", "the name ends with a full stop or a space"),
        ("a ", "the name ends with a full stop or a space"),
        ("NUL", "the name of a device"),
        ("con.txt", "the name of a device"),
        ("Com1.tar.gz", "the name of a device"),
        ("aux .txt", "the name of a device"),
        ("LPT²", "the name of a device"),
        ("a:b", 'one of <>:"|?* in the name'),
    ],
)
def test_refused(name, why):
    assert names.problem(name) == why


@given(st.text())
def test_any_name_has_an_answer(name):
    why = names.problem(name)
    assert why.isprintable()
    if not why:
        assert name == name.strip("/") != ""
        assert len(name.encode()) <= names.LONGEST
