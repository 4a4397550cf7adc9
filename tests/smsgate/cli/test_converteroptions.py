"""Flags for converters are other ways to type ``-O name=value``."""

from __future__ import annotations

import pytest

from converters import registry
from smsenc import OptionError
from smsgate.cli.converteroptions import ConverterOptions


def test_every_flag_sets_an_option_that_a_converter_has():
    known = {name for row in registry.converters().values() for name in row.option_names}
    parameters = ConverterOptions.parameters()
    flags = {one.name.removeprefix("no_").replace("_", "-") for one in parameters}
    assert flags - {"option"} <= known


def test_flags_and_options_are_one_mapping():
    options = ConverterOptions(
        option=["notes=20", "track=2"], track="2", mcc_mnc="262-07", strict=True, no_quantise=True
    )
    assert options.given() == {
        "notes": "20",
        "track": "2",
        "mcc-mnc": "262-07",
        "strict": "yes",
        "quantise": "no",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ConverterOptions(option=["track"]), "-O: expected KEY=VALUE, found 'track'"),
        (ConverterOptions(option=["=2"]), "-O: expected KEY=VALUE, found '=2'"),
        (
            ConverterOptions(option=["track=1"], track="2"),
            "-O track: given twice, with different values",
        ),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(OptionError) as caught:
        options.given()
    assert str(caught.value) == message
