import typing

from smsenc.messagefile.options import OPTIONS
from smsenc.messagefile.packing import Pack
from smsgate.cli import gateway


def flags():
    for name, alias in vars(gateway).items():
        if typing.get_origin(alias) is typing.Annotated:
            kind, option = typing.get_args(alias)
            flag = option.default  # where typer keeps the name until it reads a signature
            yield name, flag, kind, option


def test_flags_are_the_table_s():
    shown = {
        flag: (kind is not bool, option.metavar, option.help)
        for _, flag, kind, option in flags()
        if flag not in ("--pack", "--profile")
    }
    assert shown == {
        option.name: (option.metavar is not None, option.metavar, option.help) for option in OPTIONS
    }


def test_packing_names_every_way():
    (help_,) = (option.help for _, flag, _, option in flags() if flag == "--pack")
    assert all(way.value in help_ for way in Pack)


def test_a_type_is_called_like_its_flag():
    for name, flag, _, _ in flags():
        assert name == flag.removeprefix("--").replace("-", " ").title().replace(" ", "")
