"""Any octets into the readers of smsenc: a value or a SmsencError, and what was read reads again.

Under atheris, guided by coverage, where that is installed; --seeds first fills the folder::

    python tests/fuzz/fuzz_core.py --seeds CORPUS
    python tests/fuzz/fuzz_core.py -runs=1000000 -max_len=512 CORPUS

With --runs, or without atheris, by a mutator that repeats itself for the same seed::

    python tests/fuzz/fuzz_core.py --runs 1000000 --seed 1 --only smpp

An input's first octet says which reader gets the rest. A failing input is printed in hex and is
run again by ``python tests/fuzz/fuzz_core.py --hex INPUT``.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import perf_counter

with ExitStack() as _instrumented:
    if __name__ == "__main__" and importlib.util.find_spec("atheris"):
        import atheris

        _instrumented.enter_context(atheris.instrument_imports(include=["smsenc"]))
    from smsenc import (
        Coding,
        Language,
        MessageClass,
        Payload,
        Segment,
        SmsencError,
        dcs,
        elements,
        encode_text,
        gsm7,
        messagefile,
        shifts,
        split,
        tpdu,
        udh,
    )
    from smsenc.messagefile import lint
    from smsenc.messagefile.packing import unpack
    from smsenc.smpp import (
        Address,
        Closed,
        Connection,
        Pdu,
        Role,
        SmppError,
        Status,
        Tag,
        Tlv,
        mapping,
        pdus,
        receipts,
        times,
    )
    from smsenc.smpp import decode as decode_pdu
    from smsenc.smpp import encode as encode_pdu
    from smsenc.splitting import group, join
    from smsenc.text import decode_text


def header(octets: bytes) -> None:
    found = udh.decode(octets)
    assert udh.encode(found) == octets or octets == b"\0"
    mark = udh.find_concatenation(found)
    assert mark is None or 1 <= mark.sequence <= mark.total
    assert set(elements.effective(found)) <= set(found)
    for element in found:
        named = elements.fields(element)
        if element.iei in elements.TABLE:
            assert elements.build(element.iei, **named) == element


def transport(octets: bytes) -> None:
    found = tpdu.decode(octets)
    assert tpdu.decode(tpdu.encode(found)) == found


def septets(octets: bytes) -> None:
    """Count, fill and languages first; the rest is packed, or septets as they stand."""
    count, fill, lock, shift, *_ = octets.ljust(4, b"\0")
    languages = Language(lock % len(Language)), Language(shift % len(Language))
    if count > 200:  # more than any part has
        gsm7.decode(octets[4:], *languages)
        return
    found = gsm7.unpack(octets[4:], count, fill=fill % 7)
    gsm7.decode(found, *languages)
    assert gsm7.unpack(gsm7.pack(found, fill % 7), count, fill=fill % 7) == found


def coding(octets: bytes) -> None:
    for octet in octets:
        meaning = dcs.decode(octet)
        assert dcs.decode(dcs.encode(meaning)) == meaning


def parts(octets: bytes) -> None:
    """Segments one after the other: coding, units, length of header and of data, then those."""
    found = tuple(_segments(octets))
    assert sum(map(len, group(found))) == len(found)
    payload = join(found)
    decode_text(payload)
    assert join(split(payload, reference=octets[0])) == payload


def file(octets: bytes) -> None:
    found = messagefile.loads(octets)
    assert messagefile.loads(messagefile.dumps(found)) == found


def judged(octets: bytes) -> None:
    """The linter has an error for whatever the reader refuses; repairs are made once."""
    found = lint.lint(octets)
    repaired = lint.fixed(octets)
    assert lint.fixed(repaired) == repaired
    try:
        message = messagefile.loads(octets)
    except SmsencError:
        assert any(one.severity is lint.Severity.ERROR for one in found)
    else:
        assert messagefile.loads(repaired) == message
        unpack(message)


def smpp_pdu(octets: bytes) -> None:
    """As it stands, and with the length that it has."""
    with suppress(SmppError):
        _checked(octets)
    _checked(len(octets).to_bytes(4, "big") + octets[4:])


def _checked(octets: bytes) -> None:
    try:
        found = decode_pdu(octets)
    except SmppError as error:
        assert error.offset is not None
        assert 0 <= error.offset <= len(octets)
        assert error.status in tuple(Status)
        raise
    assert decode_pdu(encode_pdu(found)) == found


BINDS = (pdus.BindTransmitter, pdus.BindReceiver, pdus.BindTransceiver)


def smpp_stream(octets: bytes) -> None:
    """Role, state and size of the pieces first; in pieces a stream says the same as whole."""
    how, rest = octets[0] if octets else 0, octets[1:]
    whole, pieces = _bound(how), _bound(how)
    events = whole.receive(rest, 1) if rest else []
    size = 1 + (how >> 3)
    cut = [e for n in range(0, len(rest), size) for e in pieces.receive(rest[n : n + size], 1)]
    assert list(map(repr, cut)) == list(map(repr, events))
    assert whole.outgoing() == pieces.outgoing()
    closed = any(isinstance(event, Closed) for event in events)
    assert (whole.next_tick() is None) == closed
    while (due := whole.next_tick()) is not None:
        assert due < 200
        whole.tick(due)
    if not events:
        raise SmsencError("no event")


def _bound(how: int) -> Connection:
    """An end that has something in flight, in one of the states."""
    bind = (None, *BINDS)[how >> 1 & 3]
    ends = Connection(Role.ESME), Connection(Role.SMSC)
    if bind:
        sent = ends[0].send(bind(), 0)
        ends[1].receive(ends[0].outgoing(), 0)
        ends[1].answer(sent)
        ends[0].receive(ends[1].outgoing(), 0)
    here = ends[how & 1]
    for kind in (pdus.SubmitSm, pdus.QuerySm, pdus.DeliverSm, pdus.DataSm, pdus.EnquireLink):
        with suppress(SmsencError):
            here.send(kind(), 0)
    here.outgoing()
    return here


def smpp_receipt(octets: bytes) -> None:
    """Text of 254 octets at most, then parameters."""
    body, tail = octets[:254], octets[254:]
    found = receipts.read(pdus.DeliverSm(esm_class=4, short_message=body, tlvs=_parameters(tail)))
    again = receipts.text(found)
    assert len(again) < 2000
    receipts.parameters(found)
    receipts.is_text(body)


def _parameters(octets: bytes) -> tuple[Tlv, ...]:
    pdu = encode_pdu(Pdu(pdus.EnquireLink(), 1)) + octets
    return decode_pdu(len(pdu).to_bytes(4, "big") + pdu[4:]).body.tlvs


def smpp_part(octets: bytes) -> None:
    """Profile, esm_class and data_coding first, then how long the message is, then parameters."""
    profile, esm_class, data_coding, size, *_ = octets.ljust(4, b"\0")
    body = pdus.DeliverSm(
        esm_class=esm_class,
        data_coding=data_coding,
        short_message=octets[4 : 4 + min(size, 254)],
        tlvs=_parameters(octets[4 + size :]),
    )
    with suppress(SmsencError):
        mapping.payload_of(body, PROFILES[profile % len(PROFILES)])
    mapping.is_receipt(body)
    found = mapping.segment_of(body, PROFILES[profile % len(PROFILES)])
    for carry in mapping.Carry:
        with suppress(SmppError):  # a text may be read in an alphabet that it is not written in
            mapping.submit(
                found, source=Address(), destination=Address("1"), profile=PROFILES[0], carry=carry
            )


PROFILES = tuple(mapping.CodingProfile(gsm7=form) for form in mapping.Gsm7)


def smpp_time(octets: bytes) -> None:
    times.read(octets.decode("latin-1"))


READERS: tuple[Callable[[bytes], None], ...] = (
    header,
    transport,
    septets,
    coding,
    parts,
    file,
    judged,
    smpp_pdu,
    smpp_stream,
    smpp_receipt,
    smpp_part,
    smpp_time,
)


def one_input(octets: bytes) -> str:
    """Run one input; says what came of it."""
    if not octets:
        return "nothing"
    reader = READERS[octets[0] % len(READERS)]
    try:
        reader(octets[1:])
    except SmsencError as error:
        str(error)
        return f"{reader.__name__}: refused"
    return f"{reader.__name__}: read"


def _segments(octets: bytes) -> Iterator[Segment]:
    codings, position = tuple(Coding), 0
    while position < len(octets):
        kind, units, behind, size = octets[position : position + 4].ljust(4, b"\0")
        position += 4
        body = octets[position : position + behind + size]
        position += behind + size
        yield Segment(
            udh=body[:behind],
            data=body[behind:],
            coding=codings[kind % 3],
            units=units,
            message_class=MessageClass(kind >> 2 & 3) if kind & 0x80 else None,
        )


# Seeds: at least one input of each reader that is read to the end. ----------------------------


def seeds() -> list[bytes]:
    """Inputs made by the writers."""
    bodies = {
        header: _headers(),
        transport: _tpdus(),
        septets: [
            bytes((9, 1, 1, 1)) + gsm7.pack(b"\x1b\x65Hello, ", 1),
            b"\xff\0\x04\x04\x1b\x65",
        ],
        coding: [bytes(range(n, n + 16)) for n in range(0, 256, 16)],
        parts: [_written(p) for p in _messages()],
        file: _files(),
        judged: _files(),
        smpp_pdu: _pdus(),
        smpp_stream: _streams(),
        smpp_receipt: _receipts(),
        smpp_part: _parts(),
        smpp_time: [b"261128224500004+", b"000002000000000R"],
    }
    return [bytes((n,)) + body for n, reader in enumerate(READERS) for body in bodies[reader]]


def _messages() -> Iterator[tuple[Segment, ...]]:
    for payload in (
        encode_text("Hello [€] " * 20),
        encode_text("Привет 👍🏽 " * 16),
        encode_text("Hello"),
        Payload.to_port(0x1581, bytes(range(200))),
        Payload(
            data=gsm7.encode("ğşİ" * 60, Language.TURKISH, Language.TURKISH),
            coding=Coding.GSM7,
            elements=shifts(Language.TURKISH, Language.TURKISH),
        ),
    ):
        yield split(payload, reference=7)
        yield split(payload, reference=0x1234, wide=True)


def _headers() -> list[bytes]:
    widths = [(iei, sum(n or 5 for _, n in row.fields)) for iei, row in elements.TABLE.items()]
    short = [bytes((n + 2, iei, n)) + bytes(n) for iei, n in widths if n < 130]
    return [*short, *map(bytes.fromhex, ("0b0504158100000003070201", "0608041234FF01"))]


def _tpdus() -> list[bytes]:
    stamp = tpdu.Timestamp(24, 2, 29, 23, 59, 58, -20)
    validities = (None, tpdu.Relative(173), stamp, tpdu.Enhanced(bytes.fromhex("03214365000000")))
    segments = [segment for message in _messages() for segment in message[:1]]
    sent = [tpdu.submit(s, "447700900123", validity=v) for v in validities for s in segments[:3]]
    received = [
        tpdu.Deliver(
            originator=tpdu.address(who), segment=s, dcs=dcs.encode(dcs.of(s)), timestamp=stamp
        )
        for s in segments
        for who in ("447700900123", "Clinic")
    ]
    return [*map(tpdu.encode, sent), *map(tpdu.encode, received)]


def _written(message: tuple[Segment, ...]) -> bytes:
    codings = list(Coding)
    return b"".join(
        bytes((codings.index(s.coding), s.units, len(s.udh), len(s.data))) + s.udh + s.data
        for s in message
    )


def _files() -> list[bytes]:
    login = b"api_id:1\nuser:u\npassword:p\n"
    return [
        login + b"text: Hello\ntext:again\nfrom:Clinic\ndeliv_ack:1\nto:447700900123\n",
        login + b"unicode:1\ntext:041F0440D83DDC4D\nmax_credits:2.5\nto:+44 7700 900123\r\n",
        login + b"text:Dear #field1#\ndelimiter:;\ncsv:447700900123;Ann\rcsv:447700900124;Bob",
        login + b"udh:06050415810000\ndata:024A3A\nbinary:1\nreply:a@b\nX-Key: v\nto:447700900123",
    ]


def _pdus() -> list[bytes]:
    """One of each kind, with what its fields may have."""
    address, parameters = (
        Address("447700900123", 1, 1),
        (Tlv(Tag.MESSAGE_STATE, 2), Tlv(0x1401, b"v")),
    )
    long = Tlv(Tag.MESSAGE_PAYLOAD, b"hello")
    bodies: list[pdus.Body] = [
        *(bind(system_id="me", password="secret") for bind in BINDS),
        *(kind(system_id="smsc") for kind in pdus.BindResp.__subclasses__()),
        pdus.Outbind(system_id="smsc"),
        pdus.SubmitSm(destination_addr=address, short_message=b"hello", tlvs=parameters),
        pdus.DeliverSm(source_addr=address, short_message=b"hello", tlvs=parameters),
        pdus.SubmitMulti(dest_addresses=(address, pdus.DistributionList("L")), short_message=b"x"),
        pdus.SubmitMultiResp(unsuccess_smes=(pdus.Unsuccessful(address, 0x0B),)),
        pdus.DataSm(destination_addr=address, tlvs=(long,)),
        pdus.SubmitSmResp(message_id="7"),
        pdus.QuerySm(message_id="7"),
        pdus.QuerySmResp(message_id="7", final_date="261128224500004+", message_state=2),
        pdus.ReplaceSm(message_id="7", short_message=b"x", validity_period="000002000000000R"),
        pdus.CancelSm(message_id="7"),
        pdus.AlertNotification(source_addr=address),
        *(kind() for kind in (pdus.EnquireLink, pdus.Unbind, pdus.GenericNack, pdus.UnbindResp)),
    ]
    return [encode_pdu(Pdu(body, 2)) for body in bodies]


def _streams() -> list[bytes]:
    known = _pdus()
    pairs = zip(known, reversed(known), strict=True)
    return [bytes((n * 9 % 256,)) + one + two for n, (one, two) in enumerate(pairs)]


def _receipts() -> list[bytes]:
    text = (
        b"id:0123456789 sub:001 dlvrd:001 submit date:2611282245 done date:261128224530 "
        b"stat:DELIVRD err:000 text:hello"
    )
    return [text, text.ljust(254) + b"\x04\x27\0\1\2\0\x1e\0\2a\0", b"id:7 stat:UNDELIV err:00F1"]


def _parts() -> list[bytes]:
    ported = bytes.fromhex("0605041581000048656c6c6f")
    return [
        bytes((0, 0, 0, 5)) + b"hello",
        bytes((0, 0x40, 4, len(ported))) + ported,
        bytes((1, 0, 8, 4)) + "hé".encode("utf-16-be"),
        bytes((0, 0, 3, 0)) + b"\x04\x24\0\5hello\2\x0c\0\2\0\1\2\x0e\0\1\2\2\x0f\0\1\1",
    ]


# The mutator for where atheris is not. --------------------------------------------------------

_EDGES = bytes(
    (0, 1, 3, 4, 5, 7, 8, 9, 10, 13, 0x1B, 0x24, 0x25, 0x40, 0x7F, 0x80, 0xD8, 0xDC, 0xFF)
)


def mutated(octets: bytes, other: bytes, dice: random.Random) -> bytes:
    """``octets`` changed in a few places; the first octet, the reader, mostly stays."""
    out = bytearray(octets)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 6))):
        at = dice.randrange(min(1, len(out)), len(out) + 1)
        end = at + dice.choice((1, 1, 2, 4, 16))
        match dice.randrange(7):
            case 0:
                out[at:end] = b""
            case 1:
                out[at:at] = dice.randbytes(end - at)
            case 2:
                out[at : at + 1] = dice.choice(_EDGES).to_bytes()
            case 3:
                out[at:at] = out[at:end]
            case 4:
                begin = dice.randrange(len(other))
                out[at:end] = other[begin : begin + dice.randrange(32)]
            case 5 if at < len(out):
                out[at] ^= 1 << dice.randrange(8)
            case _ if at < len(out):
                out[at] = (out[at] + dice.choice((-1, 1))) & 0xFF
    if dice.random() < 1 / 32:
        out[:1] = dice.randbytes(1)
    return bytes(out[:4096])


def run(executions: int, seed: int, only: str = "") -> Counter[str]:
    """What came of that many inputs; what a reader should not have raised passes through.

    ``only`` is how the names of the readers begin that get most of the inputs.
    """
    dice = random.Random(seed)
    known = seeds()
    came = Counter(map(one_input, known))
    chosen = [n for n, reader in enumerate(READERS) if reader.__name__.startswith(only)]
    by_reader = [[s for s in known if s[0] == n] for n in chosen]
    for _ in range(executions - len(known)):
        octets = mutated(dice.choice(dice.choice(by_reader)), dice.choice(known), dice)
        try:
            came[one_input(octets)] += 1
        except Exception as error:
            error.add_note(f"input: {octets.hex()}")
            raise
    return came


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--hex", type=bytes.fromhex)
    parser.add_argument("--seeds", type=Path)
    options, rest = parser.parse_known_args()
    if options.hex is not None:
        sys.stdout.write(f"{one_input(options.hex)}\n")
    elif options.seeds:
        options.seeds.mkdir(exist_ok=True)
        for number, octets in enumerate(seeds()):
            (options.seeds / f"seed-{number}").write_bytes(octets)
    elif options.runs is None and importlib.util.find_spec("atheris"):
        atheris.Setup([sys.argv[0], *rest], lambda octets: one_input(octets) and None)
        atheris.Fuzz()
    else:
        start = perf_counter()
        came = run(options.runs or 1_000_000, options.seed, options.only)
        for outcome, times in sorted(came.items()):
            sys.stdout.write(f"{times:9} {outcome}\n")
        sys.stdout.write(f"{came.total():9} in {perf_counter() - start:.1f} s\n")


if __name__ == "__main__":
    main()
