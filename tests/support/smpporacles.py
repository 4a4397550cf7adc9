"""Other programs that read and write PDUs: tshark, the npm package smpp, and smpp34 of PyPI.

tools/smpp-peers installs the last two; a test that needs one that is missing is skipped, by name.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from places import ROOT

PEERS = ROOT / "build" / "smpp-peers"
_SECONDS = 300

# A line of JSON for each PDU: {"read": hex} or {"write": name, "with": fields}; buffers are hex.
# Filters turn texts and times into other values; what is compared here is what is in the fields.
_NODE = """
const {PDU} = require(process.argv[1] + '/lib/pdu.js');
const defs = require(process.argv[1] + '/lib/defs.js');
for (const table of [defs.tlvs, ...Object.values(defs.commands).map(c => c.params || {})])
    for (const row of Object.values(table)) delete row.filter;
const hex = (_, v) => v && v.type === 'Buffer' ? {hex: Buffer.from(v.data).toString('hex')} : v;
const raw = (_, v) => v && v.hex !== undefined ? Buffer.from(v.hex, 'hex') : v;
const answer = asked => {
    try {
        if (asked.read) return JSON.stringify(new PDU(asked.read), hex);
        return JSON.stringify(new PDU(asked.write, asked.with).toBuffer(), hex);
    } catch (error) {
        return JSON.stringify({error: String(error)});
    }
};
const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
process.stdout.write(lines.map(line => answer(JSON.parse(line, raw))).join('\\n'));
"""

# The same for smpp34: what is no submit_sm or deliver_sm has a header and a body.
_SMPP34 = """
import json, sys
import smpp34
NAMES = [n for n in dir(smpp34.SubmitSm) if n[0] != "_" and n != "encode"]
RAW = [n for n in dir(smpp34.RawPdu) if n[0] != "_"]
def shown(value):
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, list):
        return [[tlv.tag, tlv.value.hex()] for tlv in value]
    return value
def answer(asked):
    if "read" in asked:
        pdu = smpp34.decode(bytes.fromhex(asked["read"]["hex"]))
        names = RAW if isinstance(pdu, smpp34.RawPdu) else NAMES
        return {name: shown(getattr(pdu, name)) for name in names}
    fields = asked["with"]
    fields["tlvs"] = [smpp34.Tlv(tag, bytes.fromhex(value)) for tag, value in fields["tlvs"]]
    fields["short_message"] = bytes.fromhex(fields["short_message"]["hex"])
    kind = {"submit_sm": smpp34.SubmitSm, "deliver_sm": smpp34.DeliverSm}[asked["write"]]
    return {"hex": kind(**fields).encode().hex()}
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))))
    except smpp34.SmppError as error:
        print(json.dumps({"error": str(error)}))
"""


def ask_npm(asked):
    """What the npm package answers to each line."""
    home = PEERS / "node_modules" / "smpp"
    if shutil.which("node") is None or not home.is_dir():
        pytest.skip("the npm package smpp is not installed (tools/smpp-peers)")
    return _ask(["node", "-e", _NODE, str(home)], asked)


def ask_smpp34(asked):
    """What smpp34 answers to each line."""
    python = PEERS / "venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("the PyPI package smpp34 is not installed (tools/smpp-peers)")
    return _ask([str(python), "-c", _SMPP34], asked)


def _ask(command, asked):
    lines = "".join(f"{json.dumps(one)}\n" for one in asked)
    done = subprocess.run(
        command, input=lines, stdout=subprocess.PIPE, text=True, check=True, timeout=_SECONDS
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(asked)
    return found


def ask_tshark(pdus, fields, path: Path):
    """The fields of each PDU; a capture of exported PDUs (link type 252), whose tag 12 is smpp."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x3FFFF, 252)]
    for pdu in pdus:
        octets = struct.pack(">HH4sHH", 12, 4, b"smpp", 0, 0) + pdu
        out.append(struct.pack("<IIII", 0, 0, len(octets), len(octets)) + octets)
    path.write_bytes(b"".join(out))
    wanted = [word for field in fields for word in ("-e", field)]
    command = ["tshark", "-n", "-r", str(path), "-T", "json", *wanted]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=_SECONDS)
    return [packet["_source"].get("layers", {}) for packet in json.loads(done.stdout)]
