"""What pictures can become."""

from io import BytesIO

import pytest
from picturesources import ARROW, PHOTO, PNG, VECTORS, convert, losses
from PIL import Image

from converters.errors import GuardError
from converters.pictures.ems import EMS_PICTURE
from converters.pictures.logos import CALLER_ICON, OPERATOR_LOGO, decode_operator_logo
from converters.pictures.multipart import PICTURE_MESSAGE
from converters.pictures.operators import Network
from converters.pictures.targets import TARGETS
from smsenc import OptionError, Port, split

VIEWERS = {v.kind: v for v in (CALLER_ICON, OPERATOR_LOGO, PICTURE_MESSAGE, EMS_PICTURE)}


def test_a_caller_icon_without_a_network():
    item = convert(PNG)
    assert (item.kind, item.payload.port) == ("caller-icon", Port.CALLER_ICON)
    assert len(item.payload.data) == 131


@pytest.mark.parametrize(("form", "octets"), [("short", 133), ("spec", 135)])
def test_an_operator_logo_with_one(form, octets):
    item = convert(PNG, mcc_mnc="26207", form=form)
    assert (item.kind, item.payload.port) == ("operator-logo", Port.OPERATOR_LOGO)
    assert len(item.payload.data) == octets
    network, bitmap = decode_operator_logo(item.payload.data)
    assert (network, list(bitmap.rows)) == (Network("262", "07"), ARROW)


def test_a_caller_icon_where_it_is_asked_for():
    assert convert(PNG, mcc_mnc="262-07", target="caller-icon").kind == "caller-icon"


def test_an_operator_logo_needs_a_network():
    with pytest.raises(OptionError) as caught:
        convert(PNG, target="operator-logo")
    assert str(caught.value) == (
        "mcc-mnc: expected MCC and MNC of the network that an operator logo is for, "
        "such as 262-07, found none"
    )


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_converted_written_and_previewed(target):
    item = convert(PHOTO, target=target, mcc_mnc="262-07", place="fill", text="Hi")
    viewer = VIEWERS[item.kind]
    assert viewer.view(item.payload).lines
    for writer in viewer.writers:
        assert writer.write(item.payload)
    for preview in viewer.previews:
        with Image.open(BytesIO(preview.write(item.payload))) as image:
            assert image.format == "PNG"


def test_removal_is_an_empty_logo_for_no_network():
    data = convert(PNG, target="operator-logo-removal").payload.data
    assert data[:7] == bytes.fromhex("00F000 00480E01")
    assert not any(data[7:])


@pytest.mark.parametrize(("size", "parts"), [("72x13", 1), ("78x21", 2)])
def test_other_sizes_of_operator_logos(size, parts):
    payload = convert(PNG, mcc_mnc="262-07", form="spec", size=size).payload
    assert len(split(payload, reference=0)) == parts


def test_a_text_too_long_is_cut_to_the_parts():
    text = "Wish you were here with us on this long and sandy beach. " * 4
    item = convert(PNG, target="picture-message", text=text)
    assert len(split(item.payload, reference=0)) == 3
    assert [str(loss) for loss in item.losses] == [
        "text cut: the picture leaves 124 octets in 3 parts"
    ]
    with pytest.raises(GuardError) as caught:
        convert(PNG, target="picture-message", text=text, strict="yes")
    assert str(caught.value) == "text: expected a text of at most 124 octets, found 231"


def test_too_many_parts_are_refused():
    with pytest.raises(GuardError) as caught:
        convert(PNG, mcc_mnc="262-07", form="spec", max_parts="1")
    assert str(caught.value) == "max-parts: expected at most 1 part, found 2"


def test_an_animation_takes_four_frames():
    source = (VECTORS / "valid" / "arrow-animated.gif").read_bytes()
    assert losses(source, target="ems-large-animation") == [
        (
            "size 72x14 scaled: to 16x3: the EMS animation holds 16x16 pixels "
            "(-O place=half or fill uses more of the screen)"
        )
    ]


def test_further_frames_are_left_out():
    source = (VECTORS / "valid" / "arrow-animated.gif").read_bytes()
    assert losses(source, mcc_mnc="26207") == [
        "further frames left out: the operator logo holds 1 frame"
    ]
