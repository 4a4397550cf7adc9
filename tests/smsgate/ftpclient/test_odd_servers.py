"""Servers that answer otherwise than most: each row is a public report of some client."""

from __future__ import annotations

import re
import socket

import pytest
from ftpservers import (
    HOST,
    LOG_IN,
    Proxy,
    Pyftpd,
    contents,
    fill_outbox,
    message,
    visible,
)

from smsgate.errors import GatewayError, GatewayLogInError, GatewayLostError
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.ftpclient.temporary import Temporary
from smsgate.ftpclient.upload import Options, upload
from smsgate.outbox.files import State

QUICK = Options(pauses=(0, 0, 0))


def plain(port, **more):
    return Server(host=HOST, port=port, security=Security.NONE, **more)


def send(tmp_path, server, options=QUICK, **more):
    return upload(tmp_path / "outbox", plain(server.port, **more), LOG_IN, options)


def states(result):
    return [file.state for file in result.files]


def reasons(result):
    return {file.reason for file in result.files}


# Data connections ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [500, 501, 502, 504, 522])
def test_a_server_that_has_only_the_other_command(tmp_path, ftpd, remote, code):
    files = fill_outbox(tmp_path / "outbox", 5)
    ftpd.always["PASV"] = f"{code} No."
    assert states(send(tmp_path, ftpd)) == [State.DONE] * 5
    assert contents(remote) == files
    assert (ftpd.asked.count("PASV"), ftpd.asked.count("EPSV")) == (1, 5)  # once remembered


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_a_server_that_has_only_pasv_on_ipv6(tmp_path, remote):
    files = fill_outbox(tmp_path / "outbox", 3)
    with Pyftpd(remote, host="::1") as server:
        server.always["EPSV"] = "500 What?"
        server.rewrite.append(
            lambda reply: re.sub(r"\(.*,(\d+),(\d+)\)", r"(0,0,0,0,\1,\2)", reply)
        )
        where = Server(host="::1", port=server.port, security=Security.NONE)
        result = upload(tmp_path / "outbox", where, LOG_IN, QUICK)
    assert states(result) == [State.DONE] * 3
    assert contents(remote) == files


def extended(reply):
    found = re.search(r"\(.*,(\d+),(\d+)\)", reply)
    return f"229 Extended (|||{int(found[1]) * 256 + int(found[2])}|)" if found else reply


def spaced(reply):
    return reply.replace(",", ", ") if reply.startswith("227") else reply


def bare(reply):
    return re.sub(r"[()]", "", reply) if reply.startswith("227") else reply


def addressed(reply):
    return extended(reply).replace("|||", "|1|10.0.0.9|")


@pytest.mark.parametrize("form", [extended, spaced, bare, addressed])
def test_other_forms_of_the_reply_to_pasv(tmp_path, ftpd, remote, form):
    files = fill_outbox(tmp_path / "outbox", 3)
    ftpd.rewrite.append(form)
    assert states(send(tmp_path, ftpd)) == [State.DONE] * 3
    assert contents(remote) == files
    assert "EPSV" not in " ".join(ftpd.asked)


@pytest.mark.parametrize(
    "nonsense",
    [
        "227 Entering (127,0,0,1,999999,999999).",
        "227 Entering (" + "1" * 5000 + ")",
        "229 Extended (|||0|)",
        "229 Extended (|||99999999|)",
        "227 yes",
        "200 Fine",
    ],
)
def test_nonsense_instead_of_a_port_is_an_error_of_ours(tmp_path, ftpd, nonsense):
    fill_outbox(tmp_path / "outbox", 1)
    ftpd.always |= {"PASV": nonsense, "EPSV": nonsense}
    result = send(tmp_path, ftpd)
    assert states(result) == [State.REFUSED]
    assert "expected the port of a data connection, found " in result.files[0].reason


# Sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", ["500 What?", "502 No.", "504 No.", "202 Superfluous."])
def test_a_server_without_size_is_asked_with_mlst(tmp_path, ftpd, remote, refusal):
    files = fill_outbox(tmp_path / "outbox", 4)
    ftpd.always["SIZE"] = refusal
    result = send(tmp_path, ftpd)
    assert states(result) == [State.DONE] * 4
    assert reasons(result) == {""}
    assert contents(remote) == files
    assert "LIST" not in " ".join(ftpd.asked)


def test_a_server_without_mlst_is_asked_with_list(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.always |= {"SIZE": "502 No.", "MLST": "500 What?"}
    result = send(tmp_path, ftpd)
    assert states(result) == [State.DONE] * 2
    assert reasons(result) == {""}
    assert contents(remote) == files
    assert ftpd.asked.count("MLST") == 1


def test_sizes_that_nobody_tells_are_told(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.always |= {"SIZE": "502 No.", "MLST": "502 No.", "LIST": "502 No."}
    result = send(tmp_path, ftpd)
    assert states(result) == [State.DONE] * 2
    assert reasons(result) == {"size not checked: the server tells no sizes"}
    assert "size not checked: the server tells no sizes" in result.warnings
    assert contents(remote) == files
    asked = len(ftpd.asked)
    assert send(tmp_path, ftpd).sent == 0
    assert len(ftpd.asked) == asked


def test_a_rename_that_is_refused_where_sizes_are_not_told(tmp_path, ftpd, remote):
    fill_outbox(tmp_path / "outbox", 1)
    ftpd.always |= {"SIZE": "502 No.", "MLST": "502 No.", "LIST": "502 No.", "RNTO": "553 No."}
    result = send(tmp_path, ftpd)
    assert states(result) == [State.REFUSED]
    assert contents(remote) == {}


def test_a_size_with_a_word_after_it(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.rewrite.append(lambda reply: f"{reply} bytes" if reply.startswith("213 ") else reply)
    assert states(send(tmp_path, ftpd)) == [State.DONE] * 2
    assert contents(remote) == files


@pytest.mark.parametrize("reply", ["213 1e5", "213 " + "9" * 5000, "213", "213 -1", "213 0x10"])
def test_a_size_that_is_no_number_is_an_error_of_ours(tmp_path, ftpd, remote, reply):
    fill_outbox(tmp_path / "outbox", 1)
    ftpd.always["SIZE"] = reply
    for _ in range(2):
        result = send(tmp_path, ftpd)
        assert states(result) == [State.REFUSED]
        assert "expected a number of octets, found 213" in result.files[0].reason
        assert len(contents(remote)) <= 1  # the last temporary file


# Lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["450 No files found.", "550 No files found.", ""])
def test_an_empty_folder(ftpd, reply):
    if reply:
        ftpd.always["NLST"] = reply
    with Session(plain(ftpd.port), LOG_IN) as session:
        assert session.names() == ()


def test_names_that_are_wanted(ftpd, remote):
    for n in range(300):
        (remote / f"{n:03}.log").touch()
    with Session(plain(ftpd.port), LOG_IN) as session:
        assert session.names({"007.log", "x"}.__contains__) == ("007.log",)
        assert len(session.names()) == 300
        assert session.remarks == []


# Greeting and log-in ---------------------------------------------------------------------------


class Late:
    """Says at first that it is not ready yet."""

    banner = "ready"

    def handle(self):
        self.push("120-Please wait.\r\n120 Ready in 1 minute.\r\n")
        self.ioloop.call_later(0.8, super().handle)


def test_a_server_that_is_ready_later_is_waited_for(tmp_path, remote):
    files = fill_outbox(tmp_path / "outbox", 1)
    with Pyftpd(remote, mixins=(Late,)) as server:
        result = send(tmp_path, server, Options(pauses=()), timeout=0.5)
    assert states(result) == [State.DONE]
    assert contents(remote) == files


@pytest.mark.parametrize("reply", ["530 Login incorrect.", "430 Invalid user.", "532 No account."])
def test_a_wrong_password_is_permanent(tmp_path, ftpd, reply):
    fill_outbox(tmp_path / "outbox", 1)
    ftpd.always["PASS"] = reply
    result = send(tmp_path, ftpd)
    assert type(result.stopped) is GatewayLogInError
    assert ftpd.asked.count("PASS") == 1
    with pytest.raises(GatewayLogInError):
        Session(plain(ftpd.port), LOG_IN)


@pytest.mark.parametrize("reply", ["500 What?", "502 No.", "504 No.", "530 Please log in."])
def test_a_server_without_tls(ftpd, reply):
    ftpd.always["AUTH"] = reply
    where = Server(host=HOST, port=ftpd.port)
    with pytest.raises(GatewayLogInError) as caught:
        Session(where, LOG_IN)
    assert str(caught.value) == (
        "the server offers no TLS (security explicit); --tls none sends the password in clear: "
        f"{reply}"
    )
    assert "PASS" not in " ".join(ftpd.asked)


def test_octets_before_tls_are_refused(ftpd):
    ftpd.always["AUTH"] = "234 Go on.\r\n230 You are logged in."
    with pytest.raises(GatewayError, match="octets before TLS") as caught:
        Session(Server(host=HOST, port=ftpd.port), LOG_IN)
    assert not isinstance(caught.value, GatewayLostError)


# Temporary names -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Temporary.HIDDEN, Temporary.SUFFIX])
def test_a_server_that_refuses_hidden_names(tmp_path, ftpd, remote, kind):
    files = fill_outbox(tmp_path / "outbox", 40)
    ftpd.refused.append("/.")
    result = send(tmp_path, ftpd, temporary=kind)
    assert states(result) == [State.DONE] * 40
    assert contents(remote) == files
    assert ftpd.asked.count("STOR") == 40 + (kind is Temporary.HIDDEN)
    warned = any("refuses hidden names" in warning for warning in result.warnings)
    assert warned == (kind is Temporary.HIDDEN)


def test_that_hidden_names_are_refused_is_remembered(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 1)
    ftpd.refused.append("/.")
    send(tmp_path, ftpd)
    (tmp_path / "outbox" / "000002-more.txt").write_bytes(files["000001-note.txt"])
    result = send(tmp_path, ftpd)
    assert (result.sent, ftpd.asked.count("STOR")) == (1, 3)
    assert "the server refuses hidden names: temporary names are NAME.….part" in result.warnings
    assert len(visible(remote)) == 2


@pytest.mark.parametrize("code", [501, 550])
def test_other_refusals_of_a_hidden_name(tmp_path, ftpd, remote, code):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.answers["STOR"] = [f"{code} Not that name."]
    assert states(send(tmp_path, ftpd)) == [State.DONE] * 2
    assert contents(remote) == files


def test_temporary_files_that_vanish_are_sent_once(tmp_path, ftpd, remote):
    fill_outbox(tmp_path / "outbox", 3)
    ftpd.lost.append(".tmp")
    for _ in range(3):
        result = send(tmp_path, ftpd)
        assert states(result) == [State.UNKNOWN] * 3
    assert ftpd.asked.count("STOR") == 3
    assert contents(remote) == {}


def test_a_temporary_file_that_vanishes_while_the_connection_is_lost(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 1)
    ftpd.lost.append(".tmp")
    with Proxy(ftpd.port, lose=lambda chunk: b"550 " in chunk) as proxy:
        for _ in range(2):
            result = send(tmp_path, proxy)
            assert states(result) == [State.UNKNOWN]
    assert ftpd.asked.count("STOR") == 1


def test_temporary_files_of_lost_connections_are_removed_by_the_next_run(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.always |= {"RNFR": "553 No.", "DELE": "450 Later."}
    assert states(send(tmp_path, ftpd)) == [State.REFUSED] * 2
    assert len(contents(remote)) == 2
    ftpd.always.clear()
    assert states(send(tmp_path, ftpd)) == [State.DONE] * 2
    assert contents(remote) == files


def test_what_cannot_be_deleted_is_no_error(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.always |= {"RNFR": "553 No.", "DELE": "550 Not allowed."}
    send(tmp_path, ftpd)
    del ftpd.always["RNFR"]
    assert states(send(tmp_path, ftpd)) == [State.DONE] * 2
    assert visible(remote) == files


# Final names at once ---------------------------------------------------------------------------

DIRECT = {"temporary": Temporary.NONE}


def test_files_under_their_final_names_at_once(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 3)
    result = send(tmp_path, ftpd, **DIRECT)
    assert states(result) == [State.DONE] * 3
    assert contents(remote) == files
    assert not {"RNFR", "RNTO"} & set(ftpd.asked)
    assert "may take half a file" in result.warnings[-1]


def test_a_gateway_that_takes_final_names_at_once(tmp_path, ftpd, remote):
    fill_outbox(tmp_path / "outbox", 2)
    ftpd.lost.append(".txt")
    assert states(send(tmp_path, ftpd, **DIRECT)) == [State.DONE] * 2
    assert contents(remote) == {}


def test_an_existing_file_is_not_overwritten(tmp_path, ftpd, remote):
    fill_outbox(tmp_path / "outbox", 1)
    (remote / "000001-note.txt").write_bytes(b"of another")
    assert states(send(tmp_path, ftpd, **DIRECT)) == [State.REFUSED]
    assert contents(remote) == {"000001-note.txt": b"of another"}


@pytest.mark.parametrize(("kept", "state"), [(True, State.DONE), (False, State.UNKNOWN)])
def test_after_a_lost_connection_the_size_decides(tmp_path, ftpd, remote, kept, state):
    files = fill_outbox(tmp_path / "outbox", 1)
    if not kept:
        ftpd.lost.append(".txt")
    with Proxy(ftpd.port, lose=lambda chunk: b"226 " in chunk) as proxy:
        result = send(tmp_path, proxy, **DIRECT)
        assert states(result) == [state]
        assert states(send(tmp_path, proxy, **DIRECT)) == [state]
        assert states(send(tmp_path, proxy)) == [state]
    assert ftpd.asked.count("STOR") == 1
    assert contents(remote) == (files if kept else {})


def test_half_a_file_under_its_final_name_is_never_continued(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 1, lambda n: message(n) + b"to:447700900124\n" * 40_000)
    with Proxy(ftpd.port, 400_000) as proxy:
        result = send(tmp_path, proxy, **DIRECT)
    assert states(result) == [State.UNKNOWN]
    assert "a part of it" in result.files[0].reason
    assert ftpd.asked.count("STOR") == 1


@pytest.mark.parametrize(
    ("reply", "state"), [("553 No.", State.REFUSED), ("450 No.", State.PLANNED)]
)
def test_a_refusal_before_the_first_octet_is_no_doubt(tmp_path, ftpd, remote, reply, state):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.answers["STOR"] = [reply] * (4 if reply[0] == "4" else 1)
    result = send(tmp_path, ftpd, **DIRECT)
    assert states(result) == [state, State.DONE]
    assert states(send(tmp_path, ftpd)) == [State.DONE] * 2
    assert contents(remote) == files


def test_a_file_that_was_begun_otherwise_keeps_its_name(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    ftpd.always["RNFR"] = "450 Later."
    assert states(send(tmp_path, ftpd)) == [State.RENAMING] * 2
    del ftpd.always["RNFR"]
    assert states(send(tmp_path, ftpd, **DIRECT)) == [State.DONE] * 2
    assert ftpd.asked.count("STOR") == 2
    assert contents(remote) == files


def test_a_form_that_changes_after_half_a_file(tmp_path, ftpd, remote):
    files = fill_outbox(
        tmp_path / "outbox", 1, lambda n: message(n) + b"to:447700900124\n" * 40_000
    )
    with Proxy(ftpd.port, 300_000) as proxy:
        assert states(send(tmp_path, proxy, Options(pauses=()))) == [State.SENDING]
        assert states(send(tmp_path, proxy, **DIRECT)) == [State.DONE]
    assert contents(remote) == files  # and no temporary file
