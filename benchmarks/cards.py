"""Cards, bytes to parts, beside vobject and gammu in one process, and what memory they take.

Run with the project's Python: ``.venv/bin/python benchmarks/cards.py [CARDS ROUNDS]`` (100,000
and 3). Each round runs all of them one after the other; the best of the rounds counts, in seconds
of the processor. ``memory`` as argument measures peaks instead: a process for 1,000 cards and one
for each ten times more.
"""

import random
import resource
import subprocess
import sys
import time
import warnings

from figures import Figure, alternating, emit, of_package

from converters.cards.convert import CONVERTER
from converters.shared import contentlines
from smsenc import split

GIVEN = ("Zoë", "Ann", "José", "Mike", "Łukasz", "Mary", "Søren", "Kim", "Иван", "Priya", "Noah")
FAMILY = ("Müller", "Smith", "García", "Jones", "Nowak", "O'Neil", "Brown", "Петров", "Khan")
PLACES = (("Whitby", "YO21 1AA", "UK"), ("Springfield", "62701", "USA"), ("Görlitz", "02826", "DE"))
NOTES = (
    "Met at the fair\\, likes tea",
    "Ask for the key\\nat the gate",
    "Ends Friday\\; call first",
)


def card(dice):
    """A card of vCard 3.0 as address books export it: seven to twelve lines, some folded."""
    given, family, number = dice.choice(GIVEN), dice.choice(FAMILY), dice.randrange(1000)
    town, code, country = dice.choice(PLACES)
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:{family};{given};;;",
        f"FN:{given} {family}",
        f"TEL;TYPE=CELL:+44 7700 900{number:03}",
        f"EMAIL;TYPE=INTERNET,HOME:contact{number}@example.com",
    ]
    others = [
        f"TEL;TYPE=WORK,VOICE:(555) 555-0{number:03}",
        f"ADR;TYPE=HOME:;;{number} High Street;{town};;{code};{country}",
        f"ORG:Example {number} Ltd;Sales",
        "TITLE:Engineer",
        f"NOTE:{dice.choice(NOTES)}",
    ]
    lines += [line for line in others if dice.random() < 0.7]
    return "\r\n".join((*lines, "END:VCARD", ""))


def cards(count):
    dice = random.Random(1)
    return "".join(card(dice) for _ in range(count)).encode()


def ours(octets):
    settings = CONVERTER.settings({})
    items = CONVERTER.convert(octets, settings)
    return sum(1 for item in items if split(item.payload, reference=1))


def lines_alone(octets):
    return sum(line == b"END:VCARD" for _number, line in contentlines.logical_lines(octets))


def by_vobject(octets):
    import vobject

    return sum(1 for _ in vobject.readComponents(octets.decode()))


def by_gammu(octets):
    import gammu

    end, count = "END:VCARD\r\n", 0
    for text in octets.decode().split(end)[:-1]:
        entry = {"ID": "VCARD21Long", "Phonebook": gammu.DecodeVCARD(text + end)}
        gammu.EncodeSMS({"Class": 1, "Unicode": 0, "Entries": [entry]})
        count += 1
    return count


RUNS = {
    "ours, bytes to parts": ours,
    "ours, lines alone": lines_alone,
    "vobject.readComponents": by_vobject,
    "gammu DecodeVCARD + EncodeSMS": by_gammu,
}


def seconds(run, octets, count):
    start = time.process_time()
    found = run(octets)
    taken = time.process_time() - start
    if found != count:
        raise SystemExit(f"expected {count} cards, found {found}")
    return taken


def compare(count, rounds):
    octets = cards(count)
    print(f"{count} cards, {len(octets) / count:.0f} octets each, best of {rounds}")
    best = dict.fromkeys(RUNS, float("inf"))
    for _ in range(rounds):
        for name, run in RUNS.items():
            best[name] = min(best[name], seconds(run, octets, count))
    mine = best["ours, bytes to parts"]
    for name, of in best.items():
        print(
            f"{name:32}{count / of:10.0f} cards/s {of / count * 1e6:8.1f} µs a card"
            f"   ours is {of / mine:5.2f} times as fast"
        )


class Repeated:
    """Octets, again and again, without the memory for it: what a mapped file is."""

    def __init__(self, octets, times):
        self.octets, self.size = octets, len(octets) * times

    def __len__(self):
        return self.size

    def __getitem__(self, place):
        start, stop, _step = place.indices(self.size)
        first = start - start % len(self.octets)
        whole = self.octets * (-(-(stop - first) // len(self.octets)))
        return whole[start - first : stop - first]

    def find(self, mark, start, stop):
        found = self[start:stop].find(mark)
        return found if found < 0 else found + start


def memory(count):
    seconds(ours, Repeated(cards(1000), count // 1000), count)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def memory_of_processes():
    for count in (1_000, 10_000, 100_000, 1_000_000):
        command = (sys.executable, __file__, "memory", str(count))
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f"{count:>9} cards: peak {int(done.stdout) / 1024:6.1f} MiB")


def figures(count, rounds):
    octets = cards(count)
    best = alternating({name: (lambda run=run: run(octets)) for name, run in RUNS.items()}, rounds)
    mine, _, vobject, gammu = (count / of for of in best.values())
    what = f"{count:,} cards to parts"
    yield Figure(what, "cards/s", mine, of_package("vobject"), vobject, 1.0, rate=True)
    yield Figure(what, "cards/s", mine, of_package("python-gammu"), gammu, rate=True)


warnings.simplefilter("ignore")  # of the peers
match sys.argv[1:]:
    case ["--json", *quick]:
        emit(list(figures(1000 if quick else 10_000, 2 if quick else 5)))
    case ["memory"]:
        memory_of_processes()
    case ["memory", number]:
        print(memory(int(number)))
    case [count, rounds]:
        compare(int(count), int(rounds))
    case _:
        compare(100_000, 3)
