"""Completion in the shells themselves: commands, options, values, and names of files."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from command import environment, smsenc

from smsgate.cli.commands import COMMANDS, SUBCOMMANDS, next_words
from smsgate.cli.completion import PLACES, Shell

BASH = """\
source {script}
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_smsenc
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# compadd adds what begins with the word; outside of a completion there is only this one.
ZSH = """\
compdef() {{ }}
_files() {{ print -l *(N) }}
compadd() {{ while [[ $1 != -- ]]; do shift; done; shift; print -l -- ${{(M)@:#$cur*}} }}
source {script}
words=({words})
CURRENT=${{#words}}
_smsenc
"""
FISH = "source {script}; complete -C '{line}'"

CASES = [
    ("smsenc conv", {"convert"}),
    ("smsenc gateway acc", {"account"}),
    ("smsenc gateway account ad", {"add"}),
    ("smsenc simulate ", {"reply"}),
    ("smsenc completion ", {"bash", "zsh", "fish"}),
    ("smsenc gateway files C", {"Containerfile"}),
    ("smsenc convert --max", {"--max-parts", "--max-credits"}),
    ("smsenc gateway account add --api", {"--api-id"}),
    ("smsenc convert a.txt --format s", {"smstools"}),
    ("smsenc convert --as vc", {"vcard"}),
    ("smsenc upload outbox --tls ", {"explicit", "implicit", "none"}),
    ("smsenc convert -O tar", {"target="}),
    ("smsenc nothing --x", set()),
]


def completed(shell: Shell, line: str, folder) -> set[str]:
    """What a shell offers at the end of a line; one that has ended its word begins another."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    words = line.split() + ([""] if line.endswith(" ") else [])
    quoted = " ".join(f"'{word}'" for word in words)
    text = {Shell.BASH: BASH, Shell.ZSH: ZSH, Shell.FISH: FISH}[shell]
    plain = {Shell.BASH: ["--norc"], Shell.ZSH: ["-f"], Shell.FISH: ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *plain, "-c", text.format(script=PLACES[shell], words=quoted, line=line)],
        cwd=folder,
        env=environment(
            HOME=str(folder), PATH="/usr/bin:/bin"
        ),  # smsenc is not there: it need not be
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return {one.split("\t")[0] for one in done.stdout.splitlines() if one}


@pytest.mark.parametrize("shell", Shell)
@pytest.mark.parametrize(("line", "wanted"), CASES, ids=[line for line, _ in CASES])
def test_what_a_shell_offers(tmp_path, shell, line, wanted):
    assert completed(shell, line, tmp_path) == wanted


@pytest.mark.parametrize("shell", Shell)
def test_every_command_is_offered(tmp_path, shell):
    for row in COMMANDS + SUBCOMMANDS:
        before, _, last = row.name.rpartition(" ")
        assert last in completed(shell, f"smsenc {before} ".replace("  ", " "), tmp_path)


@pytest.mark.parametrize("shell", [Shell.ZSH, Shell.FISH])
def test_names_of_files_are_offered(tmp_path, shell):
    (tmp_path / "picture.png").touch()
    assert "picture.png" in completed(shell, "smsenc convert pict", tmp_path)


def test_bash_completes_names_of_files_itself():
    assert PLACES[Shell.BASH].read_text().endswith("complete -o default -F _smsenc smsenc\n")


@pytest.mark.parametrize("shell", Shell)
def test_the_command_prints_the_script(shell):
    done = smsenc("completion", shell)
    assert (done.returncode, done.stdout) == (0, PLACES[shell].read_text("utf-8"))


def test_another_shell():
    done = smsenc("completion", "csh")
    assert done.returncode == 2
    assert done.stderr == "smsenc: SHELL: expected one of bash, zsh, fish, found 'csh'\n"


def test_a_word_that_is_a_name_and_a_beginning():
    words = next_words("")
    assert words["gateway"].startswith("Run an SMS gateway")
    assert next_words("gateway")["account"] == ""
    assert next_words("gateway account")["add"].startswith("Make an account")
    assert next_words("convert") == {}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("smsenc gateway acc", {"account"}),
        ("smsenc gateway account ad", {"add"}),
        ("smsenc gateway account add --api", {"--api-id"}),
        ("smsenc simulate rep", {"reply"}),
        ("smsenc inspe", {"inspect"}),
    ],
)
def test_what_install_completion_installs_knows_names_of_several_words(line, wanted):
    asked = {"_SMSENC_COMPLETE": "complete_bash", "COMP_WORDS": line}
    asked["COMP_CWORD"] = str(len(line.split()) - 1)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv = ['smsenc']\nfrom smsgate.cli import main; main()",
        ],
        env=environment(**asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(done.stdout.split()) == wanted, done.stderr
