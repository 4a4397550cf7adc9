"""Formats of other packages that fail, hang or are no formats: skipped, named, and nothing else."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from functools import partial

import pytest
from command import process

from converters import pipeline, plugins, registry
from converters.errors import SourceError
from converters.received import explained
from smsenc import OptionError, Payload, split

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
SKIPPED = f"converter of {PLUGIN} skipped: "


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
        ("FORMAT = replace(FORMAT, name=None)", "TypeError: name: expected str, found None"),
        (
            "FORMAT = replace(FORMAT, suffixes='.fax')",
            "TypeError: suffixes: expected tuple, found str",
        ),
        ("FORMAT = replace(FORMAT, suffixes=(1,))", "TypeError: suffixes: expected str, found int"),
        (
            "FORMAT = replace(FORMAT, suffixes=('fax',))",
            "ValueError: suffix: expected a dot and small letters, found 'fax'",
        ),
        (
            "FORMAT = replace(FORMAT, options=('size',))",
            "TypeError: options: expected Option, found str",
        ),
        ("FORMAT = replace(FORMAT, name='text')", "another is called text"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_skipped_and_named(installed, source, reason):
    installed(source)
    assert "text" in registry.converters()
    assert "fax" not in registry.converters()
    (found, *_) = registry.skipped()
    assert f"converter of {PLUGIN} skipped: {reason}" in found
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
    found = [fault for fault in registry.skipped() if "skipped" not in fault]
    assert found == [f"{PLUGIN} {one} when it was loaded; this was undone" for one in changes]
    assert not end or plugins.fault_of("fax") == SKIPPED + "TypeError: no"


def test_an_interrupt_of_the_user_while_a_module_is_loaded_is_no_fault_of_it(installed):
    before = sys.stdout, sys.stderr
    installed("import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(0.3)")
    with pytest.raises(KeyboardInterrupt):
        registry.converters()
    assert (sys.stdout, sys.stderr) == before
    assert registry.skipped() == ()


def test_a_module_that_hangs_is_waited_for_once(installed, monkeypatch):
    monkeypatch.setattr(plugins, "PATIENCE", 2.0)
    installed("import time; time.sleep(30)")
    start = time.monotonic()
    for ask in (registry.converters, registry.viewers, registry.descriptions):
        ask()
    assert time.monotonic() - start < 3.9


def test_a_viewer_takes_no_port_of_ours(installed):
    installed("VIEWER = replace(VIEWER, port=0x1582)")
    assert registry.viewer_on(0x1582).kind == "operator-logo"
    reason = "port 5506 is that of operator-logo"
    assert registry.skipped() == (f"viewer of {PLUGIN} skipped: {reason}",)


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
        (
            "VIEWER = replace(VIEWER, explain=lambda _: [('0', 1, '', '', '')])",
            lambda: registry.viewer_on(7).explain(b""),
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
    "replace(OK, payload=b'x')": "payload: expected Payload or None, found bytes",
    "replace(OK, payload=None, error=ValueError('x'))": "error: expected SmsencError or None",
    "replace(OK, losses=['x'])": "losses: expected tuple, found list",
    "replace(OK, losses=('x',))": "losses: expected Loss, found str",
    "replace(OK, name=3)": "name: expected str, found int",
    "replace(OK, payload=Payload.to_port(9, 'text'))": "data: expected bytes, found str",
    "replace(OK, losses=(Loss(None, Action.CUT, ''),))": "what: expected str, found None",
    "replace(OK, losses=(Loss('x', 'gone', ''),))": "action: expected Action, found str",
    "replace(OK, losses=(Loss('x', Action.CUT, '', '3'),))": "line: expected int or None",
    "replace(OK, losses=(Loss('x', Action.CUT, '', 0),))": "line: expected 1 or more",
    "replace(OK, payload=None, error=SourceError('x', line=0))": "line: expected 1 or more",
}


@pytest.mark.parametrize("item", ITEMS)
def test_what_a_converter_yields_is_checked(installed, item):
    installed(f"""
from converters.api import Action, Loss
from converters.errors import SourceError
OK = Item(kind="text", payload=encode_text("x"))
FORMAT = replace(FORMAT, convert=lambda *_: [{item}])
""")
    with pytest.raises(SourceError) as caught:
        use("convert")
    assert str(caught.value).startswith(f"a fault in {PLUGIN}: ")
    assert f"Error: {ITEMS[item]}" in str(caught.value)


VIEWS = {
    "View({}, lines=(1, 2))": "lines: expected str, found int",
    "View({}, lines='abc')": "lines: expected tuple, found str",
    "View({'d': [b'x']})": "content['d']: expected a value that JSON has, found bytes",
    "View({1: 2})": "key of content: expected str, found int",
    "View(None)": "content: expected Mapping, found None",
}


@pytest.mark.parametrize("shown", VIEWS)
def test_what_a_viewer_shows_is_checked(installed, shown):
    installed(f"VIEWER = replace(VIEWER, view=lambda _: {shown}, in_zone=lambda *_: {shown})")
    payload = Payload.to_port(7, b"")
    for call in (
        lambda: registry.viewer_on(7).view(payload),
        lambda: registry.viewer_on(7).in_zone(payload, "Europe/Paris"),
    ):
        with pytest.raises(SourceError, match=re.escape(VIEWS[shown])):
            call()


def test_a_viewer_needs_a_port_or_accepts(installed):
    installed("VIEWER = replace(VIEWER, port=None)")
    assert "fax" not in registry.viewers()
    (found,) = registry.skipped()
    assert found.startswith(f"viewer of {PLUGIN} skipped: ValueError: expected a port or accepts")


def test_one_line_tells_of_a_module_that_has_neither(installed):
    installed("raise TypeError('no')")
    registry.converters()
    registry.viewers()
    assert registry.skipped() == (f"converter and viewer of {PLUGIN} skipped: TypeError: no",)


def test_a_fault_has_the_place_in_the_plugin(installed, monkeypatch, capsys):
    installed("""
import json
def read(octets):
    return json.loads("{")
def convert(octets, settings):
    yield read(octets)
FORMAT = replace(FORMAT, convert=convert)
""")
    with pytest.raises(SourceError, match=r" \(fax_\d+_\d+\.py:14, read\)$"):
        use("convert")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("SMSENC_DEBUG", "1")
    with pytest.raises(SourceError):
        use("convert")
    assert "json.loads(" in capsys.readouterr().err


def test_an_error_of_a_plugin_has_a_line_that_exists(installed):
    installed("""
from converters.errors import SourceError
def convert(octets, settings):
    raise SourceError("x", line=0)
FORMAT = replace(FORMAT, convert=convert)
""")
    with pytest.raises(SourceError, match=r"a fault in .* line: expected 1 or more, found 0"):
        use("convert")


def test_a_wrong_value_of_an_option_is_told_once(installed):
    installed("")
    with pytest.raises(OptionError) as caught:
        registry.named("fax").settings({"size": "lots"})
    assert str(caught.value).count("'lots'") == 1


def test_the_losses_of_a_writer_are_checked(installed):
    installed("VIEWER = replace(VIEWER, writers=(Writer('.fax', bytes, losses=lambda _: ('x',)),))")
    (writer,) = registry.viewer_on(7).writers
    with pytest.raises(SourceError, match="losses: expected Loss, found str"):
        writer.losses(Payload.to_port(7, b""))


FIELDS = {
    "('0', 1, '', '', '')": "field: expected Field, found tuple",
    "Field(0, 1, 3)": "name: expected str, found int",
    "Field(0, 1, 'a', None)": "value: expected int or str or bytes, found None",
    "Field(0, 1, 'a', bits='x')": "bits: expected int or None, found str",
    "Field(0, 9, 'a')": "field: expected octets 0 to 2, found 0 to 9",
    "Field(1, 2, 'a', bits=256)": "field: expected octets 0 to 2, found 1 to 2",
    "Field(1, 2, 'a', children=(Field(0, 1, 'b'),))": "field: expected octets 1 to 2, found 0 to 1",
}


@pytest.mark.parametrize("field", FIELDS)
def test_the_fields_of_a_viewer_are_checked(installed, field):
    installed(f"""
from converters.api import Field
VIEWER = replace(VIEWER, explain=lambda _: [{field}])
""")
    with pytest.raises(SourceError) as caught:
        registry.viewer_on(7).explain(b"ab")
    assert FIELDS[field] in str(caught.value)
    payload = Payload.to_port(7, b"ab")
    (part,) = explained.parts(payload, split(payload, reference=1))
    (_, data) = part.fields
    faults = [one.fault for one in (data, *data.children) if one.fault]
    assert (data.name, faults) == ("data", [str(caught.value)])


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
    (found,) = registry.skipped()
    assert found.startswith(f"a fault in {PLUGIN}: ZeroDivisionError: division by zero (fax_")


def test_a_sniff_that_answers_neither_yes_nor_no_is_named(installed):
    installed("FORMAT = replace(FORMAT, sniff=lambda _: 'yes')")
    assert registry.choose("-", b"hello").name == "text"
    (found,) = registry.skipped()
    assert "TypeError: expected bool, found str" in found


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
    assert (done.returncode, done.stderr.count("skipped:")) == (0, 1), done.stderr
    assert len(list((tmp_path / "outbox").glob("*.txt"))) == 1
    assert smsenc("formats").returncode == 0
    asked = smsenc("convert", "note.txt", *TO, "--as", "fax", "--force")
    assert asked.returncode == 2
    assert f"smsenc: --as: {SKIPPED}" in asked.stderr


@pytest.mark.parametrize(
    "source",
    [
        "VIEWER = replace(VIEWER, view=lambda _: View(content={}, lines=(1, 2)))",
        "VIEWER = replace(VIEWER, view=lambda _: View(content={'d': b'bytes'}))",
        "PAYLOAD = Payload.to_port(7, 'text')",
        "NAME = 3",
    ],
)
def test_wrong_types_of_a_plugin_reject_its_source_only(installed, smsenc, tmp_path, source):
    installed(f"""
PAYLOAD, NAME = Payload.to_port(7, b"x"), ""
FORMAT = replace(FORMAT, convert=lambda *_: [Item(kind="fax", name=NAME, payload=PAYLOAD)])
{source}
""")
    (tmp_path / "a.fax").write_text("x")
    (tmp_path / "note.txt").write_text("hello")
    done = smsenc("inspect", "a.fax", "note.txt", "--json")
    assert done.returncode == 4
    first, second = map(json.loads, done.stdout.splitlines())
    assert f"a fault in {PLUGIN}: TypeError: " in first["error"]["message"]
    assert second["content"]["text"] == "hello"


def test_the_command_goes_on_after_a_fault_in_a_plugin(installed, smsenc, tmp_path):
    installed("FORMAT = replace(FORMAT, convert=lambda *_: 1 / 0)")
    (tmp_path / "a.fax").write_text("x")
    (tmp_path / "note.txt").write_text("hello")
    done = smsenc("convert", "a.fax", "note.txt", *TO, "--json")
    assert done.returncode == 4
    first, second = map(json.loads, done.stdout.splitlines())
    expected = f"a fault in {PLUGIN}: ZeroDivisionError: division by zero ("
    assert first["error"]["message"].startswith(expected)
    assert second["status"] == "written"
    assert "internal error" not in done.stderr


def test_a_source_with_nothing_in_it_is_told(installed, smsenc, tmp_path):
    installed("FORMAT = replace(FORMAT, convert=lambda *_: [])")
    (tmp_path / "a.fax").write_text("x")
    for done in (smsenc("inspect", "a.fax"), smsenc("convert", "a.fax", *TO)):
        assert done.returncode == 3
        assert done.stderr.startswith("a.fax: nothing in it to convert\n")


def test_the_distribution_of_a_format_is_told(installed, smsenc):
    installed("FORMAT = replace(FORMAT, suffixes=())")
    (said,) = map(json.loads, smsenc("formats", "fax", "--json").stdout.splitlines())
    assert said["plugin"] == {"name": "fax", "distribution": "faxes", "version": "1.0"}
    lines = smsenc("formats", "fax").stdout.splitlines()
    assert lines[0] == "fax        no suffix: chosen by content, or with --as"
    assert lines[2].strip() == "from faxes 1.0"


@pytest.mark.parametrize(("source", "state"), [("", "installed"), ("del FORMAT", "broken")])
def test_the_doctor_lists_plugins(installed, smsenc, source, state):
    installed(source)
    done = smsenc("doctor", "--json")
    said = json.loads(done.stdout)
    plugin = {"name": "fax", "distribution": "faxes", "version": "1.0", "state": state}
    assert said["plugins"] == [plugin]
    assert (done.returncode == 3) == (state == "broken")
    assert [one.startswith(SKIPPED) for one in said["problems"]] == [True] * (state == "broken")
    assert f"\n  fax             {state:<14} faxes 1.0\n" in smsenc("doctor").stdout
