"""Names that clients give: nothing outside the account's folder is made, read or listed."""

from __future__ import annotations

import ftplib
import io
import os
import socket

import pytest
from gatewayftp import MESSAGE, Gateway
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_BAD = [
    "../x",
    "../../accounts/3002/x",
    "/../x",
    "folder/x",
    "..\\x",
    "..",
    ".",
    "/",
    "a\x00b",
    "a\tb",
    "NUL",
    "com1.txt",
    "x" * 201,
    "ü" * 101,
    "a.",
    "a:stream",
    "x" * 1500,
]


def reply_to(call, *arguments):
    try:
        return call(*arguments)
    except ftplib.Error as error:
        return str(error)


def everything(folder):
    return sorted(
        os.path.relpath(os.path.join(place, name), folder)
        for place, folders, files in os.walk(folder)
        for name in (*folders, *files)
    )


def store(client, name, octets=MESSAGE):
    return reply_to(client.storbinary, f"STOR {name}", io.BytesIO(octets))


@pytest.mark.parametrize("name", _BAD)
def test_refused_with_a_reason(gateway, client, name):
    before = everything(gateway.data)
    store_reply = store(client, name)
    assert store_reply[:4] == "553 "
    assert len(store_reply) > 12
    assert reply_to(client.storbinary, f"APPE {name}", io.BytesIO(b"x"))[:4] == "553 "
    for command in ("RETR", "SIZE", "MDTM", "DELE", "RNFR", "MFMT 20260101000000"):
        assert reply_to(client.sendcmd, f"{command} {name}")[:1] == "5", command
    assert everything(gateway.data) == before


def test_refused_as_new_names(client):
    store(client, ".a")
    for name in _BAD:
        assert reply_to(client.rename, ".a", name)[:4] == "553 ", name
    assert client.nlst() == [".a"]


def test_folders_are_refused(client):
    for command in ("MKD a", "RMD a", "XMKD a", "RMD /", "CWD a", "CWD ..", "CDUP", "CWD /a/b"):
        assert reply_to(client.sendcmd, command)[:4] == "550 ", command
    for command in ("CWD /", "CWD .", "XCWD /", "CWD ./"):
        assert client.sendcmd(command) == '250 "/" is the current directory.'
    assert client.pwd() == "/"
    assert reply_to(client.mkd, "a") == (
        "550 There are no folders here: store files without a path."
    )


def test_no_permissions_times_or_names_of_the_servers_choice(client):
    store(client, "a.part")
    for command in ("SITE CHMOD 777 a.part", "MFMT 20260101000000 a.part", "STOU", "SITE X"):
        assert reply_to(client.sendcmd, command)[:3] in ("500", "501"), command


def test_paths_of_the_one_folder(gateway, client):
    store(client, "/./a.part")
    assert client.nlst() == client.nlst("/") == client.nlst(".") == ["a.part"]
    assert client.nlst("/a.part") == ["a.part"]
    assert client.rename("/a.part", "/b.part").startswith("250")
    assert everything(gateway.folder()) == ["b.part"]


def test_logs_can_be_read_and_deleted_only(gateway, client):
    (gateway.folder() / "a.txt.log").write_bytes(b"ID: 1\n")
    store(client, "a.part")
    reason = "553 Names that end in .log are for the gateway's logs."
    for name in ("a.txt.log", "new.LOG"):
        assert store(client, name) == reason
        assert reply_to(client.storbinary, f"APPE {name}", io.BytesIO(b"x")) == reason
        assert reply_to(client.rename, "a.part", name) == reason
    assert reply_to(client.rename, "a.txt.log", "b")[:4] == "550 "
    found = []
    client.retrbinary("RETR a.txt.log", found.append)
    assert found == [b"ID: 1\n"]
    client.delete("a.txt.log")
    assert client.nlst() == ["a.part"]


def test_links_pipes_and_folders_are_not_there(gateway, client):
    secret = gateway.data / "secret"
    secret.write_bytes(b"secret")
    for folder in (gateway.folder(), gateway.incoming()):
        (folder / f"link-{folder.parent.name}").symlink_to(secret)
        (folder / f"folder-{folder.parent.name}").mkdir()
        os.mkfifo(folder / f"pipe-{folder.parent.name}")
    lines = []
    client.retrlines("LIST", lines.append)
    assert (client.nlst(), lines, list(client.mlsd())) == ([], [], [])
    client.voidcmd("TYPE I")
    for kind in ("link", "folder", "pipe"):
        for place in ("accounts", "incoming"):
            name = f"{kind}-{place}"
            for command in ("RETR", "SIZE", "MDTM", "DELE", "RNFR", "MLST", "LIST"):
                assert reply_to(client.sendcmd, f"{command} {name}")[:4] == "550 ", (command, name)
            assert reply_to(client.storbinary, f"STOR {name}", io.BytesIO(b"x"))[:1] in "245"
            reply_to(client.storbinary, f"APPE {name}", io.BytesIO(b"x"))
    client.quit()
    assert secret.read_bytes() == b"secret"


def test_names_of_old_clients(gateway, client):
    client.encoding = "latin-1"
    store(client, "Grüße.part")
    assert everything(gateway.folder()) == ["Grüße.part"]
    client.encoding = "utf-8"
    assert client.nlst() == ["Grüße.part"]


def test_two_accounts_do_not_see_each_other(gateway, client):
    other = gateway.client("3002")
    store(client, "a.part", b"first")
    store(other, "b.part", b"second")
    assert client.nlst() == ["a.part"]
    assert other.nlst() == ["b.part"]
    for name in ("a.part", "../3001/a.part", "/3001/a.part", f"{gateway.folder()}/a.part"):
        assert reply_to(other.sendcmd, f"RETR {name}")[:4] == "550 "
        assert reply_to(other.sendcmd, f"DELE {name}")[:4] == "550 "
    data = gateway.transfer(client, "STOR c.part", b"half")
    assert other.nlst() == ["b.part"]
    data.close()
    client.voidresp()
    for one in (client, other):
        one.sendcmd("USER 3002")
        one.sendcmd("PASS other-Schrank")
        assert one.nlst() == ["b.part"]
    other.close()


def test_lists(gateway, client):
    store(client, "b.part", b"12345")
    data = gateway.transfer(client, "STOR a.txt", b"123")
    other = gateway.client()
    other.voidcmd("TYPE I")
    assert (other.size("a.txt"), other.size("b.part")) == (3, 5)
    other.voidcmd("TYPE A")
    lines = []
    other.retrlines("LIST -la", lines.append)
    assert [line.split()[:5] for line in lines] == [
        ["-rw-------", "1", "ftp", "ftp", size] for size in ("0", "5")
    ]
    facts = dict(other.mlsd())
    assert list(facts) == ["a.txt", "b.part"]
    assert all(set(found) == {"type", "perm", "size", "modify"} for found in facts.values())
    assert other.sendcmd("MLST b.part").splitlines()[1].endswith(" /b.part")
    assert "b.part" in other.sendcmd("STAT b.part")
    other.close()
    data.close()


# Any name ----------------------------------------------------------------------------------------

_PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["..", "/", "\\", ".", "~", "3002", "\x00", "NUL", ".log", "secret", "\r", "\n"]
    ),
)
_NAMES = st.lists(_PIECES, max_size=6).map("".join)
_COMMANDS = ("STOR", "APPE", "RETR", "DELE", "RNFR", "RNTO", "SIZE", "MLST", "LIST", "CWD", "STAT")


def ask(end, octets):
    """The reply to a line of any octets; the first line of each reply is enough."""
    end.sendall(octets + b"\r\nSYST\r\n")
    found = b""
    while b"215 UNIX" not in found:
        chunk = end.recv(65536)
        assert chunk, found
        found += chunk
    return found


@pytest.fixture(scope="module")
def one_gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("any"))
    other = gateway.client("3002")
    other.storbinary("STOR a.part", io.BytesIO(b"of another"))
    (gateway.data / "secret").write_bytes(b"secret")
    yield gateway
    other.close()
    gateway.server.close()
    assert gateway.told == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(_COMMANDS), _NAMES)
def test_no_name_leaves_the_folder(one_gateway, command, name):
    gateway = one_gateway
    before = outside(gateway)
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as end:
        ask(end, f"USER 3001\r\nPASS {'s3cr3t-Kühlschrank'}".encode())
        ask(end, f"{command} {name}".encode("utf-8", "surrogatepass"))
        ask(end, f"RNFR a.part\r\nRNTO {name}".encode("utf-8", "surrogatepass"))
        end.sendall(b"QUIT\r\n")
        while end.recv(65536):
            pass
    assert outside(gateway) == before
    for place in (gateway.folder(), gateway.incoming()):
        for found in os.scandir(place):
            assert found.is_file(follow_symlinks=False)
            assert not found.name.casefold().endswith(".log")


def outside(gateway):
    own = [os.path.relpath(one, gateway.data) for one in (gateway.folder(), gateway.incoming())]
    return [
        (name, (gateway.data / name).stat().st_mtime_ns)
        for name in everything(gateway.data)
        if not name.startswith(("spool", *own)) and name not in ("accounts", "incoming")
    ]
