from smsd import send

from converters.outputs.job import Job
from converters.outputs.packers import pack
from converters.outputs.parts import Label
from smsenc import Coding, MessageClass, Payload, dcs, encode_text, gsm7, shifts, tpdu
from smsenc.messagefile import Message
from smsenc.national import Language
from smsenc.splitting import split

NUMBER = "447700900123"
LABEL = Label(7, "note.txt", 5)

#: Header and body of every kind, ends that a line-based file would lose, one and several parts.
PAYLOADS = (
    encode_text("Hello [€]\n"),
    encode_text("@" * 160),
    encode_text("Hello {world} " * 20),
    encode_text("Привет 👍🏽 " * 16 + "\n"),
    encode_text("Fire", message_class=MessageClass.FLASH),
    encode_text("Огонь\r\n", message_class=MessageClass.FLASH),
    Payload.to_port(0x1581, bytes(range(200))),
    Payload(data=b"\n\x1a\x00", coding=Coding.OCTETS),
    Payload(
        data=gsm7.encode("ğşİ" * 60, Language.TURKISH, Language.TURKISH),
        coding=Coding.GSM7,
        elements=shifts(Language.TURKISH, Language.TURKISH),
    ),
)


def spooled(payload, template):
    job = Job(recipients=(NUMBER,), template=template, format="smstools")
    return pack(payload, job, LABEL)


def test_a_file_is_a_part_with_its_octets_in_hex():
    packed = spooled(Payload.to_port(0x1581, b"\x02\x4a"), Message(to=(NUMBER,), text=""))
    assert packed.files == (
        (
            "000007-note.sms",
            (
                b"To: 447700900123\nAlphabet: binary\nDCS_hex: F5\nUDH-DATA: 06 05 04 15 81 00 00\n"
                b"Hex: yes\nAutosplit: 0\n\n024A\n"
            ),
        ),
    )


def test_every_recipient_has_a_running_number():
    job = Job(
        recipients=(NUMBER, "447700900124"),
        template=Message(to=(NUMBER,), text=""),
        format="smstools",
    )
    packed = pack(encode_text("x" * 161), job, LABEL)
    assert packed.numbers == 2
    assert [name for name, _ in packed.files] == [
        "000007-note.p1-2.sms",
        "000007-note.p2-2.sms",
        "000008-note.p1-2.sms",
        "000008-note.p2-2.sms",
    ]


def test_smsd_gives_its_modem_our_tpdus(tmp_path):
    template = Message(to=(NUMBER,), text="", validity=1440, deliv_ack=True)
    plain = Message(to=(NUMBER,), text="")
    files, expected = [], []
    for n, (payload, options) in enumerate(
        [*((payload, plain) for payload in PAYLOADS), (PAYLOADS[0], template)]
    ):
        packed = spooled(payload, options)
        files += [(f"{n:02}{name[6:]}", octets) for name, octets in packed.files]
        segments = split(payload, reference=LABEL.reference)
        expected += [(segment, options) for segment in segments]
    sent = send(files, tmp_path)
    assert len(sent) == len(expected) == 16
    for pdu, (segment, options) in zip(sent, expected, strict=True):
        octets = bytes.fromhex(pdu)
        assert octets[0] == 0  # the service centre that is in the SIM: no part of the TPDU
        # smsd always says how long: 255 (63 weeks) where the file doesn't.
        minutes = options.validity
        validity = tpdu.Relative.lasting(minutes) if minutes else tpdu.Relative(255)
        ours = tpdu.submit(
            segment, NUMBER, validity=validity, status_report=bool(options.deliv_ack)
        )
        assert octets[1:].hex() == tpdu.encode(ours).hex()
        assert dcs.decode(ours.dcs).coding is segment.coding
