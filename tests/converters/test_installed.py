"""Whether other packages have formats is known without importlib.metadata, and never missed."""

from __future__ import annotations

import zipfile
from importlib.machinery import PathFinder
from importlib.metadata import entry_points

import pytest

from converters import installed
from converters.formattable import format_table

FAX = "[smsenc.converters]\nfax = faxes:FORMAT\n"


def describe(folder, text, name="faxes-1.0.dist-info"):
    info = folder / name
    info.mkdir(parents=True)
    if text is not None:
        (info / "entry_points.txt").write_text(text, "utf-8")
    return folder


@pytest.fixture
def others(monkeypatch):
    def ask(*folders):
        monkeypatch.setattr(installed.sys, "path", [str(one) for one in folders])
        return installed.others_may_have(installed.table())

    return ask


def test_the_table_has_our_entry_points():
    assert installed.table() == format_table()
    for group, rows in installed.table().items():
        ours = {(one.name, one.value) for one in installed.ours(rows)}
        assert ours == {
            (point.name, point.value)
            for point in entry_points(group=group)
            if point.value.startswith("converters.")
        }


@pytest.mark.parametrize(
    "text",
    [
        FAX,
        "[smsenc.viewers]\r\nfax=faxes:VIEWER",
        "[other]\na = b:c\n[ smsenc.viewers ]\n# a\nfax = faxes:VIEWER\n",
        "[smsenc.converters]\ntext = faxes:FORMAT\n",
    ],
)
@pytest.mark.parametrize("name", ["faxes-1.0.dist-info", "Faxes.EGG-INFO", "EGG-INFO"])
def test_formats_of_another_package_are_noticed(tmp_path, others, text, name):
    assert others(tmp_path / "empty", describe(tmp_path / "site", text, name))


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[console_scripts]\nsmsenc.fax = faxes:main\n",
        "[smsenc.converters]\ntext = converters.texts.plain:CONVERTER\n",
        "[smsenc.converters]\n# fax = faxes:FORMAT\n\n[x]\nfax = faxes:FORMAT\n",
    ],
)
def test_packages_without_formats_of_their_own_are_none(tmp_path, others, text):
    (tmp_path / "a.dist-info").write_text(FAX)  # a file
    assert not others(describe(tmp_path, text), tmp_path / "gone", "")


def test_an_archive_may_have_formats(tmp_path, others):
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        archive.writestr("faxes-1.0.dist-info/entry_points.txt", FAX)
    assert others(tmp_path / "site.zip")


def test_what_finds_distributions_in_its_own_way_is_asked(others, monkeypatch):
    class Finder(PathFinder):
        pass

    assert not others()
    monkeypatch.setattr(installed.sys, "meta_path", [PathFinder, Finder])
    assert others()
