"""Formats of other packages that fail, hang or are no formats: skipped, named, and nothing else."""

from __future__ import annotations

import json
import os
import sys
import time
from functools import partial

import pytest
from command import process

from converters import pipeline, plugins, registry
from converters.errors import SourceError
from smsenc import OptionError, Payload

GOOD = """
from converters.api import Converter, Item, Option, View, Viewer, Writer
from smsenc import Payload, encode_text
def convert(octets, settings):
    yield Item(kind="text", payload=encode_text("hi"))
FORMAT = Converter(name="fax", summary="Faxes", suffixes=(".fax",), sniff=lambda head: False,
                   convert=convert, options=(Option("size", "Size", parse=int),))
VIEWER = Viewer(kind="fax", port=7, view=lambda payload: View(content={}),
                writers=(Writer(".fax", lambda payload: b"fax"),))
from dataclasses import replace
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a distribution with a converter and a viewer, whose module has this source."""

    def install(source, *, name="fax", row="FORMAT"):
        module = f"fax_{len(list(tmp_path.iterdir()))}_{time.monotonic_ns()}"
        (tmp_path / f"{module}.py").write_text(GOOD + source)
        info = tmp_path / "faxes-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faxes\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[smsenc.converters]\n{name} = {module}:{row}\n"
            f"[smsenc.viewers]\n{name} = {module}:VIEWER\n"
        )
        clear()

    def clear():
        for cached in vars(registry).values():
            if forget := getattr(cached, "cache_clear", None):
                forget()
        plugins.forget()

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(plugins, "PATIENCE", 0.5)
    yield install
    monkeypatch.undo()
    clear()


PLUGIN = "plugin fax (distribution faxes)"


def test_a_good_plugin_works(installed):
    installed("")
    assert [item.unwrap().data for item in pipeline.items("a.fax", b"x")] == [b"hi"]
    assert registry.viewer_on(7).writers[0].write(Payload.to_port(7, b"")) == b"fax"
    assert registry.named("fax").settings({"size": "3"}) == {"size": 3}
    assert registry.skipped() == ()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise TypeError('no')", "TypeError: no"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit('x')", "GeneratorExit: x"),
        ("class Own(BaseException): pass\nraise Own('x')", "Own: x"),
        ("import not_there", "ModuleNotFoundError: No module named 'not_there'"),
        ("raise MemoryError", "MemoryError"),
        ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded"),
        ("x = (", "SyntaxError: "),
        ("import time; time.sleep(30)", "TimeoutError: not loaded in 0.5 s"),
        ("FORMAT = VIEWER", "TypeError: expected a Converter, found Viewer"),
        ("FORMAT = 3", "TypeError: expected a Converter, found int"),
        ("del FORMAT", "AttributeError: module"),
        ("FORMAT = replace(FORMAT, name=None)", "TypeError: name: expected str, found NoneType"),
        (
            "FORMAT = replace(FORMAT, suffixes='.fax')",
            "TypeError: suffixes: expected tuple, found str",
        ),
        ("FORMAT = replace(FORMAT, suffixes=(1,))", "TypeError: suffixes: expected str, found int"),
        ("FORMAT = replace(FORMAT, name='text')", "another format has text"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_skipped_and_named(installed, source, reason):
    installed(source)
    assert "text" in registry.converters()
    assert "fax" not in registry.converters()
    (found, *_) = registry.skipped()
    assert found.startswith(f"{PLUGIN} is skipped: {reason}")
    with pytest.raises(OptionError) as caught:
        registry.named("fax")
    assert str(caught.value) == f"--as: {found}"
    assert "fax" not in [row["name"] for row in registry.descriptions()]
    assert registry.viewer_on(9) is None


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("import os; os.chdir('/')", ["changed the current folder"]),
        ("import sys; sys.stdout.close()", ["closed standard output"]),
        ("import sys; sys.stderr.detach()", ["closed standard error"]),
        ("import sys; sys.stdout = None", ["replaced standard output"]),
        ("print('noise')", ["wrote to standard output"]),
        (
            "import os, sys; os.chdir('..'); sys.stderr.write('x'); sys.stderr.close()",
            ["closed standard error", "changed the current folder"],
        ),
    ],
)
@pytest.mark.parametrize("end", ["", "; raise TypeError('no')"])
def test_what_a_module_does_to_the_folder_and_the_streams_is_undone(
    installed, capsys, source, changes, end
):
    before = os.getcwd(), sys.stdout, sys.stderr
    installed(source + end)
    assert ("fax" in registry.converters()) == (not end)
    assert (os.getcwd(), sys.stdout, sys.stderr) == before
    sys.stdout.write("ours\n")
    assert capsys.readouterr() == ("ours\n", "")
    found = [fault for fault in registry.skipped() if "is skipped" not in fault]
    assert found == [f"{PLUGIN} {one} when it was loaded; this was undone" for one in changes]
    assert not end or plugins.fault_of("fax") == f"{PLUGIN} is skipped: TypeError: no"


def test_an_interrupt_of_the_user_while_a_module_is_loaded_is_no_fault_of_it(installed):
    before = sys.stdout, sys.stderr
    installed("import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(0.3)")
    with pytest.raises(KeyboardInterrupt):
        registry.converters()
    assert (sys.stdout, sys.stderr) == before
    assert registry.skipped() == ()


def test_a_module_that_hangs_is_waited_for_once(installed):
    installed("import time; time.sleep(30)")
    start = time.monotonic()
    for ask in (registry.converters, registry.viewers, registry.descriptions):
        ask()
    assert time.monotonic() - start < 1.4


def test_a_viewer_takes_no_port_of_ours(installed):
    installed("VIEWER = replace(VIEWER, port=0x1582)")
    assert registry.viewer_on(0x1582).kind == "operator-logo"
    assert registry.skipped() == (f"{PLUGIN} is skipped: another format has 5506",)


FAULTS = {
    "raise TypeError('no')": "TypeError: no",
    "raise SystemExit(0)": "SystemExit: 0",
    "raise RecursionError": "RecursionError",
    "raise MemoryError": "MemoryError",
    "b'\\xff'.decode()": "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff",
    "raise OSError(5, 'Input/output error')": "OSError: [Errno 5] Input/output error",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_while_converting_rejects_that_source(installed, fault):
    installed(f"""
def convert(octets, settings):
    yield Item(kind="text", payload=encode_text("first"))
    {fault}
FORMAT = replace(FORMAT, convert=convert)
""")
    found = pipeline.items("a.fax", b"x")
    assert next(found).unwrap().data == b"first"
    with pytest.raises(SourceError) as caught:
        next(found)
    assert str(caught.value).startswith(f"a fault in {PLUGIN}: {FAULTS[fault]}")


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("FORMAT = replace(FORMAT, convert=lambda *_: None)", lambda: use("convert")),
        ("FORMAT = replace(FORMAT, convert=lambda *_: ['x'])", lambda: use("convert")),
        ("FORMAT = replace(FORMAT, convert=3)", lambda: use("convert")),
        ("FORMAT = replace(FORMAT, describe=lambda *_: 3)", lambda: use("describe")),
        ("FORMAT = replace(FORMAT, sheet=lambda *_: 'x')", lambda: use("sheet")),
        (
            "FORMAT = replace(FORMAT, settings_class=lambda: 3)",
            lambda: registry.named("fax").settings({}),
        ),
        (
            "FORMAT = replace(FORMAT, options=(Option('size', '', parse=lambda _: 1 / 0),))",
            lambda: registry.named("fax").settings({"size": "3"}),
        ),
        ("VIEWER = replace(VIEWER, view=lambda _: None)", lambda: view("view")),
        (
            "VIEWER = replace(VIEWER, writers=(Writer('.fax', lambda _: 'x'),))",
            lambda: view("write"),
        ),
    ],
)
def test_every_function_of_a_plugin_is_guarded(installed, source, call):
    installed(source)
    with pytest.raises(SourceError) as caught:
        call()
    assert str(caught.value).startswith(f"a fault in {PLUGIN}: ")


ITEMS = {
    "'x'": "item: expected Item, found str",
    "replace(OK, kind=3)": "kind: expected str, found int",
    "replace(OK, payload=b'x')": "payload: expected Payload, found bytes",
    "replace(OK, payload=None, error=ValueError('x'))": "error: expected SmsencError, found Value",
    "replace(OK, losses=['x'])": "losses: expected tuple, found list",
    "replace(OK, losses=('x',))": "losses: expected Loss, found str",
}


@pytest.mark.parametrize("item", ITEMS)
def test_what_a_converter_yields_is_checked(installed, item):
    installed(f"""
OK = Item(kind="text", payload=encode_text("x"))
FORMAT = replace(FORMAT, convert=lambda *_: [{item}])
""")
    with pytest.raises(SourceError) as caught:
        use("convert")
    assert str(caught.value).startswith(f"a fault in {PLUGIN}: TypeError: {ITEMS[item]}")


def test_the_losses_of_a_writer_are_checked(installed):
    installed("VIEWER = replace(VIEWER, writers=(Writer('.fax', bytes, losses=lambda _: ('x',)),))")
    (writer,) = registry.viewer_on(7).writers
    with pytest.raises(SourceError, match="losses: expected Loss, found str"):
        writer.losses(Payload.to_port(7, b""))


def use(field):
    row = registry.named("fax")
    return list(getattr(row, field)(b"x", row.settings({})))


def view(field):
    row = registry.viewer_on(7)
    return getattr(row.writers[0] if field == "write" else row, field)(Payload.to_port(7, b""))


def test_a_plugin_that_fails_when_asked_is_not_chosen(installed):
    installed("FORMAT = replace(FORMAT, sniff=lambda _: 1 / 0)")
    assert registry.choose("-", b"hello").name == "text"
    assert registry.choose("a.txt", b"hello").name == "text"
    assert registry.skipped() == (f"a fault in {PLUGIN}: ZeroDivisionError: division by zero",)


# --- The command ---------------------------------------------------------------------------------


@pytest.fixture
def smsenc(tmp_path):
    path = os.pathsep.join((str(tmp_path), *sys.path))
    return partial(process, cwd=tmp_path, env={"PYTHONPATH": path})


TO = ("--to", "447700900123", "--out", "outbox")


@pytest.mark.parametrize("source", ["import sys; sys.exit(0)", "raise KeyError('x')"])
def test_the_command_warns_once_and_does_the_rest(installed, smsenc, tmp_path, source):
    installed(source)
    (tmp_path / "note.txt").write_text("hello")
    done = smsenc("convert", "note.txt", *TO, "-O", "max-parts=3")
    assert (done.returncode, done.stderr.count("is skipped:")) == (0, 1), done.stderr
    assert len(list((tmp_path / "outbox").glob("*.txt"))) == 1
    assert smsenc("formats").returncode == 0
    asked = smsenc("convert", "note.txt", *TO, "--as", "fax", "--force")
    assert asked.returncode == 2
    assert f"smsenc: --as: {PLUGIN} is skipped: " in asked.stderr


def test_the_command_goes_on_after_a_fault_in_a_plugin(installed, smsenc, tmp_path):
    installed("FORMAT = replace(FORMAT, convert=lambda *_: 1 / 0)")
    (tmp_path / "a.fax").write_text("x")
    (tmp_path / "note.txt").write_text("hello")
    done = smsenc("convert", "a.fax", "note.txt", *TO, "--json")
    assert done.returncode == 4
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["error"]["message"] == f"a fault in {PLUGIN}: ZeroDivisionError: division by zero"
    assert second["status"] == "written"
    assert "internal error" not in done.stderr
