"""The command starts without the libraries that only a conversion needs.

What start costs is a matter of imports, and those can be asserted on any machine; seconds are
measured by benchmarks/startup.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from converters import registry

HEAVY = {"vobject", "icalendar", "mido", "PIL", "dateutil", "rich", "asyncio"}
NEVER = {"click"}  # the command-line library brings its own copy


SAMPLES = sorted(Path(__file__).parents[2].joinpath("samples").iterdir())
#: By the family of a source. What is not in the list is loaded for all of them.
FAMILIES = {
    "texts": {"text"},
    "cards": {"vcard"},
    "calendars": {"calendar"},
    "tunes": {"midi", "rtttl", "imelody", "ott"},
    "pictures": {"picture", "logo-file"},
}
#: What no conversion needs: other outputs, what is received, TPDUs, SMPP, servers, log files.
OTHERS = {
    *("converters.outputs.pdu", "converters.outputs.transcript", "converters.outputs.smstools"),
    *("converters.outputs.messagetypes", "converters.received", "smsenc.tpdu", "smsenc.smpp"),
    *("smsenc.messagefile.logs", "smsgate.ftpclient", "smsgate.gateway", "smsgate.web"),
    *("smsgate.campaign", "smsgate.disguises", "importlib.metadata", "email", "tomllib", "rich"),
    *("asyncio", "vobject", "icalendar.cal", "mido", "phonenumbers", "regex", "ssl"),
    *("smsenc.dcs", "smsenc.octetmap", "converters.pictures.explaining", "csv", "secrets"),
    *("importlib.resources", "converters.tunes.viewer", "converters.tunes.ems"),
}
#: What only a number that is more than digits needs; cards are full of them.
NUMBERS = {"smsenc.messagefile.writtennumbers"}
#: The readers of tunes, of which each format needs one.
READERS = {f"converters.tunes.{name}" for name in ("midi", "rtttl", "imelody")}
#: Dataclasses that a text needs: to make one takes as long as to load a small module.
MOST_DATACLASSES = 20


def all_loaded(statements: str, *, code: int = 0, **given) -> set[str]:
    """Modules in memory after a new interpreter has run ``statements``."""
    script = (
        "import atexit, os, sys\n"
        "atexit.register(lambda: os.write(2, (chr(0) + ' '.join(sys.modules)).encode()))\n"
    )
    command = [sys.executable, "-c", script + statements]
    given.setdefault("env", os.environ)
    # What measures coverage loads modules itself.
    given["env"] = {k: v for k, v in given["env"].items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **given)
    assert done.returncode == code, done.stderr
    return set(done.stderr.rpartition("\0")[2].split())


def loaded(statements: str) -> set[str]:
    """Top-level modules in memory after a new interpreter has run ``statements``."""
    return {name.partition(".")[0] for name in all_loaded(statements)}


def ran(arguments: list[str], **given) -> set[str]:
    """Modules in memory after a command."""
    start = f"sys.argv[1:] = {arguments!r}\nfrom smsgate.cli import main\nmain()"
    return all_loaded(start, **given)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["formats"]], ids=" ".join)
def test_start_loads_nothing_heavy(arguments):
    script = f"sys.argv[1:] = {arguments!r}\nfrom smsgate.cli import main\nmain()"
    modules = loaded(script)
    assert "smsgate" in modules
    assert modules & (HEAVY | NEVER) == set()


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_help_and_version_load_no_command(argument):
    script = f"sys.argv[1:] = [{argument!r}]\nfrom smsgate.cli import main\nmain()"
    assert loaded(script) & {"smsenc", "converters"} == set()


def test_a_heavy_import_would_be_seen():
    assert {"mido", "PIL"} <= loaded("import mido, PIL.Image") & HEAVY


def of_families(modules: set[str]) -> set[str]:
    """The families of which more was loaded than what recognises a source."""
    parts = (name.split(".") for name in modules if name.startswith("converters."))
    return {part[1] for part in parts if part[1] in FAMILIES and part[2:] not in ([], ["sniffing"])}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("command", ["convert", "inspect"])
def test_a_source_loads_its_own_format_alone(command, sample, tmp_path):
    family = next(
        (
            family
            for family, names in FAMILIES.items()
            for name in names
            if sample.suffix in registry.known()[name].suffixes
        ),
        None,
    )
    to = ["--to", "447700900123", "--out", str(tmp_path)] if command == "convert" else []
    modules = ran([command, str(sample), *to], code=0 if family else 3)
    assert of_families(modules) <= {family, "texts"}
    assert "pictures" in of_families(modules) or "PIL" not in modules
    if command == "convert":
        assert modules & OTHERS == set()
        assert len(modules & READERS) <= 1
        assert modules & NUMBERS == (NUMBERS if family == "cards" else set())


def test_a_text_makes_few_dataclasses(tmp_path):
    to = ["--to", "447700900123", "--out", str(tmp_path)]
    text = next(sample for sample in SAMPLES if sample.suffix == ".txt")
    count = (
        "import atexit, sys\n"
        "def dataclasses():\n"
        "    for module in list(sys.modules.values()):\n"
        "        for one in list(vars(module).values()):\n"
        "            made = isinstance(one, type) and '__dataclass_fields__' in vars(one)\n"
        "            if made and one.__module__ == module.__name__:\n"
        "                sys.modules[f'dataclass:{one.__module__}.{one.__name__}'] = module\n"
        "atexit.register(dataclasses)\n"
        f"sys.argv[1:] = {['convert', str(text), *to]!r}\n"
        "from smsgate.cli import main\n"
        "main()"
    )
    made = {name for name in all_loaded(count) if name.startswith("dataclass:")}
    assert "dataclass:smsenc.model.Payload" in made
    assert len(made) <= MOST_DATACLASSES, made


def test_count_loads_no_format():
    modules = ran(["count", "hello"])
    assert of_families(modules) == set()
    assert modules & OTHERS - {"smsenc.tpdu", "smsenc.dcs"} == set()


def test_another_format_would_be_seen():
    modules = all_loaded("import converters.tunes.convert, smsenc.tpdu, smsgate.disguises")
    assert of_families(modules) == {"tunes"}
    assert {"smsenc.tpdu", "smsgate.disguises"} <= modules & OTHERS
