"""The FTP commands of the server, and what kind each is."""

from __future__ import annotations

from smsgate.gateway.ftp.library import TLS_FTPHandler

#: pyftpdlib's commands without those that change permissions or times, or choose names.
_LEFT_OUT = frozenset(("SITE CHMOD", "MFMT", "STOU"))
#: Those whose argument need not be a path of ours.
_ANY_PATH = ("MKD", "RMD", "XMKD", "XRMD")

TLS_COMMANDS = frozenset(("AUTH", "PBSZ", "PROT"))

COMMANDS = {
    name: entry | ({"perm": None} if name in _ANY_PATH else {})
    for name, entry in TLS_FTPHandler.proto_cmds.items()
    if name not in _LEFT_OUT
}
PLAIN_COMMANDS = {name: entry for name, entry in COMMANDS.items() if name not in TLS_COMMANDS}

PORTS = frozenset(("PASV", "EPSV", "PORT", "EPRT"))

#: Refused while a transfer runs.
TRANSFERS = PORTS | {"STOR", "APPE", "RETR", "LIST", "NLST", "MLSD", "USER", "REIN"}

#: They come before a transfer, perhaps of the same file again, and prove nothing.
NO_PROOF = PORTS | {"REST", "TYPE", "MODE", "STRU", "ALLO", "OPTS", "PBSZ", "PROT"}
