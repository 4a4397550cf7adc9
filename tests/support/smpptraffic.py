"""Messages of every kind, as parts: what interoperability tests send."""

from __future__ import annotations

from dataclasses import replace

from command import NUMBER, smsenc
from places import ROOT

from converters.outputs.packers import unpack
from smsenc import MessageClass, Payload, encode_text, split
from smsenc.model import Coding
from smsenc.smpp.mapping import address

SOURCE, DESTINATION = address("12345"), address(f"+{NUMBER}")
#: Sources of one message each; of the contacts it is the first.
SAMPLES = {"a card": "contacts-30.vcf", "a tune": "greensleeves.rtttl", "a logo": "logo.png"}
LONG = "".join(f"Paragraph {n} of a message in five parts. " for n in range(1, 17))


def texts():
    """{name: payload} of texts in three codings, a long one and a flash."""
    flash = encode_text("Fire drill at noon")
    return {
        "GSM 7-bit": encode_text("Price [net]: 5 €, at Ørsted's"),
        "UCS-2": encode_text("Привет, 世界"),
        "octets": Payload(data=bytes(range(140)), coding=Coding.OCTETS),
        "five parts": encode_text(LONG),
        "flash": replace(flash, message_class=MessageClass.FLASH),
    }


def source(name, folder):
    """The path of a card, a tune or a logo."""
    path = ROOT / "samples" / SAMPLES[name]
    if name != "a card":
        return path
    first, end, _ = path.read_text("utf-8").partition("END:VCARD\n")
    alone = folder / "card.vcf"
    alone.write_text(first + end, "utf-8")
    return alone


def samples(folder):
    """{name: parts} of a card, a tune and a logo, as ``smsenc convert`` writes them."""
    return {name: converted(source(name, folder), folder) for name in SAMPLES}


def converted(path, folder):
    """The parts of a source."""
    out = folder / f"{path.name}.parts"
    done = smsenc("convert", path, "--to", NUMBER, "--format", "json", "--out", out)
    assert done.returncode == 0, done.stderr
    files = sorted(out.glob("*.json"))
    return [part.found for file in files for part in unpack(file.name, file.read_bytes())]


def parts(folder):
    """{name: parts} of all."""
    split_texts = {name: list(split(payload, reference=7)) for name, payload in texts().items()}
    assert len(split_texts["five parts"]) == 5
    return split_texts | samples(folder)
