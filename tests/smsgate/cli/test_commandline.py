"""Options of a command reach its function as frozen values."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from typing import Annotated

import pytest
import typer
from command import smsenc
from typer.testing import CliRunner

from smsenc import OptionError
from smsgate.cli.app import app
from smsgate.cli.commandline import OptionGroup, command, number
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS
from smsgate.cli.exits import Exit


class Size(OptionGroup):
    width: Annotated[int, typer.Argument()]
    height: Annotated[int, typer.Option()] = 14


class Colour(OptionGroup):
    red: Annotated[bool, typer.Option("--red")] = False


def test_the_fields_of_all_groups_become_parameters():
    @command
    def draw(size: Size, colour: Colour) -> Exit:  # noqa: ARG001 - a signature
        return Exit.OK

    parameters = inspect.signature(draw).parameters
    assert {name: one.default for name, one in parameters.items()} == {
        "width": inspect.Parameter.empty,
        "height": 14,
        "red": False,
    }


def test_the_function_gets_each_group_and_its_code_ends_the_command():
    given = []

    @command
    def draw(size: Size, colour: Colour) -> Exit:
        given.append((size, colour))
        return Exit.SOME_REJECTED

    with pytest.raises(typer.Exit) as ended:
        draw(width=72, height=28, red=True)
    assert [tuple(map(vars, groups)) for groups in given] == [
        ({"width": 72, "height": 28}, {"red": True})
    ]
    assert ended.value.exit_code == Exit.SOME_REJECTED


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OptionError("expected 72", name="--width"), Exit.USAGE, "smsenc: --width: expected 72\n"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, "smsenc: interrupted\n"),
        (
            ZeroDivisionError("x"),
            Exit.BUG,
            "smsenc: internal error: ZeroDivisionError (set SMSENC_DEBUG=1 for details)\n",
        ),
    ],
)
def test_an_error_ends_the_command_with_one_line_and_its_code(capsys, error, code, said):
    @command
    def draw(size: Size) -> Exit:  # noqa: ARG001 - a signature
        raise error

    with pytest.raises(SystemExit) as ended:
        draw(width=72, height=28)
    assert ended.value.code == code
    assert capsys.readouterr().err == said


def test_in_debugging_an_internal_error_is_shown_completely(monkeypatch):
    monkeypatch.setenv("SMSENC_DEBUG", "1")

    @command
    def draw(size: Size) -> Exit:  # noqa: ARG001 - a signature
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        draw(width=72, height=28)


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("1", 0, "1.0"),
        ("3600", 0, "3600.0"),
        ("0", 2, "expected 1 to 3600, found 0\n"),
        ("3601", 2, "expected 1 to 3600, found 3601\n"),
        ("nan", 2, "expected 1 to 3600, found nan\n"),
    ],
)
def test_a_number_out_of_its_range_is_wrong_usage(typed, code, said):
    app = typer.Typer(rich_markup_mode=None)

    @app.command()
    def wait(
        every: Annotated[float, number(1, 3600, metavar="S", text="Pause, {}.")] = 30,
    ) -> None:
        typer.echo(every)

    done = CliRunner().invoke(app, ["--every", typed])
    assert done.exit_code == code
    assert said in done.output
    assert "Pause, 1 to 3600." in CliRunner().invoke(app, ["--help"]).output


def _numbers_with_points():
    group = typer.main.get_command(app)
    commands = {name: group.get_command(None, name) for name in group.commands}
    return [
        (name, parameter.opts[0])
        for name, one in commands.items()
        for parameter in one.params
        if parameter.type.name == "float"
    ]


def test_the_options_with_points_are_found():
    assert ("log", "--every") in _numbers_with_points()
    assert ("watch", "--settle") in _numbers_with_points()
    assert ("upload", "--limit-rate") in _numbers_with_points()


_WHERE = {"send": ("--smsc", "smpp://u@localhost", "--to", "447700900123")}


@pytest.mark.parametrize("text", ["nan", "-nan", "inf", "-inf", "1e999"])
@pytest.mark.parametrize(("name", "option"), _numbers_with_points())
def test_no_option_takes_what_is_not_a_number(name, option, text, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    file = "api_id:1\nuser:u\npassword:p\nto:447700900123\ntext:a\n"
    (folder / "000001-a.txt").write_text(file)
    done = smsenc(
        *(name, folder, *_WHERE.get(name, ("--host", "localhost")), f"{option}={text}"),
        env={"SMSENC_FTP_USER": "u", "SMSENC_FTP_PASSWORD": "p"},
        cwd=tmp_path,
    )
    assert done.returncode == Exit.USAGE, done.stderr
    assert option.removeprefix("--").replace("-", "_") in done.stderr.replace("-", "_")
    assert "expected" in done.stderr
    assert len(list(tmp_path.rglob("*"))) == 2


def _groups(kind: type[OptionGroup]) -> Iterator[type[OptionGroup]]:
    for group in kind.__subclasses__():
        yield group
        yield from _groups(group)


def test_no_group_of_options_is_a_dataclass():
    for row in COMMANDS + SUBCOMMANDS:
        importlib.import_module(row.place.partition(":")[0])
    groups = list(_groups(OptionGroup))
    assert len(groups) > 40
    assert [group for group in groups if dataclasses.is_dataclass(group)] == []
