"""Any octets into the readers of smsenc: a value or a SmsencError, and what was read reads again.

Under atheris, guided by coverage, where that is installed; --seeds first fills the folder::

    python tests/fuzz/fuzz_core.py --seeds CORPUS
    python tests/fuzz/fuzz_core.py -runs=1000000 -max_len=512 CORPUS

With --runs, or without atheris, by a mutator that repeats itself for the same seed::

    python tests/fuzz/fuzz_core.py --runs 1000000 --seed 1

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
from contextlib import ExitStack
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


READERS: tuple[Callable[[bytes], None], ...] = (
    header,
    transport,
    septets,
    coding,
    parts,
    file,
    judged,
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


def run(executions: int, seed: int) -> Counter[str]:
    """What came of that many inputs; what a reader should not have raised passes through."""
    dice = random.Random(seed)
    known = seeds()
    came = Counter(map(one_input, known))
    by_reader = [[s for s in known if s[0] == n] for n in range(len(READERS))]
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
        came = run(options.runs or 1_000_000, options.seed)
        for outcome, times in sorted(came.items()):
            sys.stdout.write(f"{times:9} {outcome}\n")
        sys.stdout.write(f"{came.total():9} in {perf_counter() - start:.1f} s\n")


if __name__ == "__main__":
    main()
