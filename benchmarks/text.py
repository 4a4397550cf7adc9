"""Text to parts, ours beside its peers in one process: ``python benchmarks/text.py``.

Each library takes a str and gives what it gives (the column "gives" says what); rounds alternate
between all of them and the best one counts, so that a busy machine hits all alike. Peers that are
not installed are named and left out: pip install python-gammu smpplib aiosmpplib
python-gsmmodem-new smsutil python-messaging smspdudecoder "bitstring<4".
"""

from __future__ import annotations

import sys
import time
from functools import partial

from figures import Figure, emit, of_package

from smsenc import encode_text, split

INPUTS = {
    "short": "Meet me at the station at 5pm",
    "long": ("The bill of [May] is 12.50 € for you, thank you. " * 30)[:1000],
    "ucs2": ("Приём у врача завтра в десять тридцать. " * 10)[:300],
}
ROUNDS, SECONDS = 7, 0.05


def ours(text):
    return len(split(encode_text(text), reference=7))


#: The least number of times that ours is as fast, where that is a goal.
GOALS = {("short", "smpplib"): 2.0, ("ucs2", "smpplib"): 1.0}
#: The distributions of those whose module has another name.
PACKAGES = {"gammu": "python-gammu", "gsmmodem": "python-gsmmodem-new"}
MISSING = []


def peers():
    """Name, what it gives, and a function from text to the number of parts."""
    yield "smsenc", "header + packed", ours
    for make in (gammu, gsmmodem, smpplib, aiosmpplib, smsutil, messaging):
        try:
            yield (make.__name__, *make())
        except ImportError:
            MISSING.append(make.__name__)


def gammu():
    import gammu as library

    def parts(text):
        entry = {"ID": "ConcatenatedAutoTextLong", "Buffer": text}
        return len(library.EncodeSMS({"Class": -1, "Unicode": 0, "Entries": [entry]}))

    return "header + text", parts


def gsmmodem():
    from gsmmodem.pdu import encodeSmsSubmitPdu

    return "whole TPDU", lambda text: len(encodeSmsSubmitPdu("+448311234567", text, reference=7))


def smpplib():
    from smpplib.gsm import make_parts

    return "header, unpacked", lambda text: len(make_parts(text)[0])


def aiosmpplib():
    from aiosmpplib.utils import split_sms_udh

    def parts(text):
        encoding = "gsm0338" if text.isascii() or "€" in text else "ucs2"
        return len(split_sms_udh(text, encoding, 7)) or 1

    return "header, unpacked", parts


def smsutil():
    from smsutil import encode
    from smsutil import split as cut

    def parts(text):
        found = cut(text).parts
        for part in found:
            encode(part.content)
        return len(found)

    return "text, unpacked", parts


def messaging():
    from messaging.sms import SmsSubmit

    return "whole TPDU", lambda text: len(SmsSubmit("+448311234567", text).to_pdu())


def timed(function, text):
    """Seconds of the processor for one call, over as many calls as SECONDS take."""
    calls, start = 0, time.process_time()
    while (end := time.process_time()) - start < SECONDS:
        for _ in range(20):
            function(text)
        calls += 20
    return (end - start) / calls


def measured(text, rows, rounds):
    """Seconds of each peer, the best of rounds in turns."""
    best = {}
    for _ in range(rounds):
        for peer, _, function in rows:
            best[peer] = min(best.get(peer, 9.9), timed(function, text))
    return best


def figures(rounds):
    rows = list(peers())
    for name, text in INPUTS.items():
        best = measured(text, rows, rounds)
        for peer, _, _ in rows[1:]:
            said = of_package(PACKAGES.get(peer, peer))
            what, goal = f"text to parts, {name}", GOALS.get((name, peer))
            yield Figure(what, "us", best["smsenc"] * 1e6, said, best[peer] * 1e6, goal)


def compare(name, text, rows):
    best = measured(text, rows, ROUNDS)
    floor = min(timed(partial(str.encode, text), "utf-16-be") for _ in range(ROUNDS))
    print(f"\n{name}: {len(text)} characters, {ours(text)} parts by ours")
    print(f"  {'':<12}{'µs':>9}{'parts/s':>12}{'ours is':>10}  gives")
    for peer, gives, function in rows:
        seconds, count = best[peer], function(text)
        ratio = f"{seconds / best['smsenc']:.2f}x"
        print(f"  {peer:<12}{seconds * 1e6:>9.2f}{count / seconds:>12,.0f}{ratio:>10}  {gives}")
    print(
        f"  str.encode('utf-16-be') {floor * 1e6:.2f} µs: the floor; ours takes "
        f"{best['smsenc'] / floor:.1f} times that"
    )


def straight_line():
    print("\nlength against cost (a straight line has one figure below)")
    for text in ("Meet (me) at 5 E. ", "Приём 😀 врача. "):
        for length in (10, 100, 1000, 10_000, 39_000 if text.startswith("Meet") else 15_500):
            whole = (text * (length // len(text) + 1))[:length]
            seconds = min(timed(ours, whole) for _ in range(3))
            print(
                f"  {length:>6} characters {seconds * 1e6:>9.1f} µs"
                f" {seconds * 1e9 / length:>7.1f} ns each"
            )


def decoding():
    from smsenc import decode_text, gsm7, join, tpdu

    text = INPUTS["short"]
    (segment,) = split(encode_text(text), reference=1)
    octets = tpdu.encode(
        tpdu.Deliver(
            originator=tpdu.Address("27838890001"),
            segment=segment,
            dcs=0,
            timestamp=tpdu.Timestamp(26, 11, 22, 12, 0, 0),
        )
    )
    rows = [("smsenc", lambda _: decode_text(join([tpdu.decode(octets).segment])))]
    try:
        from smspdudecoder.easy import read_incoming_sms

        digits = "00" + octets.hex().upper()
        rows.append(("smspdudecoder", lambda _: read_incoming_sms(digits)["content"]))
    except ImportError:
        print("smspdudecoder: not installed, left out")
    print("\ndecoding an SMS-DELIVER of 29 characters")
    best = {n: min(timed(f, text) for _ in range(ROUNDS)) for n, f in rows for _ in range(1)}
    for name, seconds in best.items():
        print(f"  {name:<14}{seconds * 1e6:>9.2f} µs  ours is {seconds / best['smsenc']:.2f}x")
    assert gsm7.encode(text)


def main():
    if "--json" in sys.argv:
        emit(list(figures(3 if "--quick" in sys.argv else 15)), MISSING)
        return
    print(f"Python {sys.version.split()[0]}, best of {ROUNDS} alternating rounds")
    rows = list(peers())
    print(*(f"{name}: not installed, left out" for name in MISSING), sep="\n")
    for name, text in INPUTS.items():
        compare(name, text, rows)
    decoding()
    straight_line()


if __name__ == "__main__":
    main()
