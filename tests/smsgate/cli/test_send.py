"""``smsenc send``: sources and outboxes over SMPP."""

from __future__ import annotations

import json

import pytest
from command import NUMBER, smsenc
from smppcentre import Centre, in_thread

from smsenc import decode_text, join
from smsenc.smpp import Status
from smsenc.smpp.mapping import segment_of

ENVIRONMENT = {"SMSENC_SMPP_PASSWORD": "secret"}


@pytest.fixture
def centre():
    with in_thread(Centre()) as found:
        yield found


def send(centre, *words, **more):
    url = f"smpp://me@127.0.0.1:{centre.port}"
    return smsenc("send", *words, "--smsc", url, env=ENVIRONMENT, **more)


def test_a_text_arrives(centre):
    done = send(centre, "-", "--to", NUMBER, stdin="Hello")
    assert done.returncode == 0, done.stderr
    (body,) = centre.bodies
    assert decode_text(join([segment_of(body)])) == "Hello"
    assert body.destination_addr == (NUMBER, 1, 1)
    assert "accepted 1" in done.stdout


def test_a_long_text_has_parts_and_a_record_each(centre):
    done = send(centre, "-", "--to", NUMBER, "--json", "--from", "Test", stdin="Hello " * 60)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(r["part"], r["parts"], r["state"]) for r in records] == [
        (n, 3, "accepted") for n in (1, 2, 3)
    ]
    assert decode_text(join(map(segment_of, centre.bodies))) == "Hello " * 60
    assert {body.source_addr for body in centre.bodies} == {("Test", 5, 0)}


def test_the_losses_of_each_message_are_told_once(centre, tmp_path):
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Doe\nN:Doe\nTEL:123\nX-A:1\nEND:VCARD\n"
    (tmp_path / "cards.vcf").write_text(card * 2)
    words = (tmp_path / "cards.vcf", "--to", NUMBER, "--to", "448311234568")
    done = send(centre, *words)
    assert done.returncode == 0, done.stderr
    line = "      ! line 6: X-A left out: phones keep no such property"
    second = line.replace("6", "13")
    assert [x for x in done.stderr.splitlines() if "!" in x] == [line, second]
    found = [json.loads(x)["losses"] for x in send(centre, *words, "--json").stdout.splitlines()]
    assert [[loss["line"] for loss in losses] for losses in found] == [[6], [6], [13], [13]]


def test_an_outbox_is_sent_once(centre, tmp_path):
    (tmp_path / "card.vcf").write_text("BEGIN:VCARD\nVERSION:2.1\nN:Doe\nTEL:123\nEND:VCARD\n")
    box = tmp_path / "box"
    made = smsenc(
        "convert", tmp_path / "card.vcf", "--to", NUMBER, "--out", box, "--validity", "60"
    )
    assert made.returncode == 0
    for _ in range(2):
        done = send(centre, box)
        assert done.returncode == 0, done.stderr
        assert "accepted 1" in done.stdout
    (body,) = centre.bodies
    assert body.validity_period == "000000010000000R"
    assert segment_of(body).udh.hex() == "06050423f40000"


def test_what_is_refused_is_said(centre):
    centre.answer = lambda n: Status.ESME_RINVDSTADR if n == 1 else 0
    done = send(centre, "-", "--to", NUMBER, "--to", "448311234568", stdin="Hello")
    assert done.returncode == 4
    assert "refused ESME_RINVDSTADR" in done.stdout


def test_a_wrong_log_in_is_one_line(centre):
    centre.bind_status = Status.ESME_RINVPASWD
    done = send(centre, "-", "--to", NUMBER, stdin="Hello")
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "smsenc: the message centre refuses the log-in: ESME_RINVPASWD"
    ]


def test_an_unknown_result_ends_with_5_and_is_not_sent_again(centre, tmp_path):
    box = tmp_path / "box"
    smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="Hello")
    centre.answer = lambda _: "cut"
    assert send(centre, box).returncode == 5
    centre.answer = lambda _: 0
    assert send(centre, box).returncode == 5
    assert len(centre.bodies) == 1
    assert send(centre, box, "--resend").returncode == 0
    assert len(centre.bodies) == 2


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("smpp://me:secret@localhost", "expected no password in the address"),
        ("http://me@localhost", "expected smpp://user@host:port"),
        ("smpp://me@localhost:99999", "expected smpp://user@host:port"),
        ("", "expected smpp://user@host:port"),
    ],
)
def test_addresses(url, message):
    done = smsenc("send", "-", "--to", NUMBER, "--smsc", url, stdin="Hello")
    assert done.returncode == 2
    assert message in done.stderr
    assert "secret" not in done.stderr


def test_parts_of_two_sources_have_two_references(centre, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"{name} " * 120)
    assert send(centre, tmp_path / "a.txt", tmp_path / "b.txt", "--to", NUMBER).returncode == 0
    assert [segment_of(body).udh[3] for body in centre.bodies] == [1, 1, 2, 2]


def test_what_is_not_read_in_a_folder_is_told(centre, tmp_path):
    (tmp_path / "a.txt").write_text("Hello")
    (tmp_path / "b.toml").write_text("a = 1")
    done = send(centre, tmp_path, "--to", NUMBER)
    assert done.returncode == 0
    assert "b.toml: skipped: no converter reads .toml\n" in done.stderr
    assert len(centre.bodies) == 1
