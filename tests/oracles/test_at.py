"""AT commands and national tables beside gammu and the tables of the reference folder.

gammu reads each PDU with its service centre, as a modem would. It knows no national tables: texts
in these are read here, from the septets and the reference tables alone.
"""

from __future__ import annotations

import json
from itertools import takewhile

import pytest
from oracles import reference_folder

from converters.outputs.job import Job
from converters.outputs.packers import pack
from converters.outputs.parts import Label
from smsenc import Language, encode_text
from smsenc.messagefile import Message

NUMBER = "447700900123"
TEXTS = {
    "short": "hello",
    "extended": "Hello [world] €",
    "long": "The quick brown fox [€ 5] jumps. " * 12,
    "cyrillic": "Привет, мир",
}
NATIONAL = {
    Language.TURKISH: "Doğum günün kutlu olsun, şimdi görüşürüz! Sağlıkla kal.",
    Language.PORTUGUESE: "Olá! Atenção: a sua encomenda não está pronta, só amanhã às três.",
    Language.SPANISH: "Aquí está su código: Á1Í2Ó3Ú4",
    Language.HINDI: "नमस्ते, आपका ऑर्डर तैयार है",
}


def pdus(text: str, *languages: Language) -> list[bytes]:
    """The PDUs of a file, whose lengths are those of its commands."""
    template = Message(to=(NUMBER,), text="")
    job = Job(recipients=(NUMBER,), template=template, format="at", languages=languages)
    ((_, octets),) = pack(encode_text(text), job, Label(1, "a", 9)).files
    _, *lines = octets.decode().split("\r\n")
    found = [bytes.fromhex(line.removesuffix("\x1a")) for line in lines[1::2]]
    assert [f"AT+CMGS={len(pdu) - 1}" for pdu in found] == lines[:-1:2]
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_gammu_reads_the_text_and_the_number(name: str) -> None:
    gammu = pytest.importorskip("gammu")
    found = [gammu.DecodePDU(pdu, True) for pdu in pdus(TEXTS[name])]
    assert {(one["Number"], one["Type"]) for one in found} == {(f"+{NUMBER}", "Submit")}
    left = TEXTS[name]
    for one in found:  # gammu's text may have more after its end
        same = takewhile(lambda pair: pair[0] == pair[1], zip(one["Text"], left, strict=False))
        left = left[len(list(same)) :]
    assert left == ""


def septets(octets: bytes, count: int) -> list[int]:
    bits = int.from_bytes(octets, "little")
    return [bits >> 7 * n & 0x7F for n in range(count)]


@pytest.mark.parametrize("language", NATIONAL)
def test_the_tables_of_the_specification_read_the_text(language: Language) -> None:
    path = reference_folder() / "spec" / "gsm_tables.json"
    tables = json.loads(path.read_text())["tables"]
    default, own = tables["default"], tables[language.name.lower()]
    (pdu,) = pdus(NATIONAL[language], language)
    length, user_data = pdu[13], pdu[14:]
    elements = {user_data[n]: user_data[n + 2] for n in range(1, user_data[0] + 1, 3)}
    assert set(elements.values()) == {own["id"]}
    locking = own["locking"] if 0x25 in elements else default["locking"]
    single = own["single"] if 0x24 in elements else default["single"]
    header = -(-(user_data[0] + 1) * 8 // 7)
    text, values = "", iter(septets(user_data, length)[header:])
    for value in values:
        table, key = (single, next(values)) if value == 0x1B else (locking, value)
        text += chr(int(table[f"{key:02X}"], 16))
    assert text == NATIONAL[language]
