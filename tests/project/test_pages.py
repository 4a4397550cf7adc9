"""The tutorials, how-to pages and explanations do what they say: each of their blocks is run."""

import sys

import pageservers
import pytest
from pageblocks import blocks, commands, matches
from pageruns import has_servers, run
from pageservers import own_network
from places import ROOT

DOCS = ROOT / "docs"
PAGES = [
    "index.md",
    *sorted(
        str(page.relative_to(DOCS))
        for kind in ("tutorial", "howto", "explanation")
        for page in (DOCS / kind).glob("*.md")
    ),
]


def outcome(page):
    own = own_network()
    if not own and has_servers(page):
        pytest.skip(f"{page.name} starts servers, and unshare is not permitted here")
    return run(page, own=own)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_says(name):
    done = outcome(DOCS / name)
    assert done.returncode == 0, f"\n{done.stdout}\n{done.stderr}"


def page(folder, text):
    """The outcome of a page that is made here; ``~~~`` are its fences."""
    file = folder / "page.md"
    file.write_text(text.replace("~~~", "```"), "utf-8")
    return outcome(file)


GOOD = """\
# A page

~~~sh
export NAME=Ann
cd samples
smsenc --version >/dev/null   # a comment

for one in 1 2; do
  echo $one
done
cat >list.txt <<'END'
a ~~~ b
END
~~~

The folder is that of the page again, and the variable is there:

~~~console
$ echo "$NAME" \\
>   $(basename "$PWD")
Ann home
$ pwd; echo ~
/home/me
...
$ smsenc convert nothing.txt --to 448311234567; echo $?
nothing.txt: no such file
...
1 rejected
3
$ smsenc convert samples/order.txt --to 448311234567
samples/order.txt
   1  text            1 part  ... octets  000001-order.abcdefgh.txt
...
~~~

1. In a list:

   ~~~python
   import smsenc
   from pathlib import Path
   assert Path("samples/list.txt").read_text().startswith("a")
   ~~~

~~~toml
# sub/gateway.toml
port = 1
~~~

~~~json
{"a": 1}
~~~

<!-- not run: no such program -->

~~~sh
no-such-program
~~~

~~~sh
grep -q "port = 1" sub/gateway.toml
~~~
"""


def test_a_good_page_passes(tmp_path):
    done = page(tmp_path, GOOD)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("~~~sh\nfalse\n~~~", "page.md:2: $ false\nended with 1"),
        ("~~~sh\ntrue\nexit 3\n~~~", "page.md:3: $ exit 3\nhas not ended"),
        ("~~~sh\n)\n~~~", "syntax error"),
        ("~~~sh\nfalse &\n~~~", "page.md:2: $ false &\nended with 1"),
        ("~~~console\n$ echo a\nb\n~~~", "page.md:2: $ echo a\n--- the page"),
        ("~~~console\n$ echo a\n$ false\n~~~", "page.md:3: $ false\nended with 1"),
        ("~~~console\necho a\n~~~", "page.md:1: line 2: expected '$ ' and a command"),
        ("~~~console\n$ echo a; echo b >&2\nb\n~~~", "stderr:\nb"),
        ("~~~python\nraise SystemExit(2)\n~~~", "page.md:1: ended with 2"),
        ("~~~toml\na\n~~~", "page.md:1: Expected '='"),
        ("~~~json\n{\n~~~", "page.md:1: Expecting property name"),
        ("~~~perl\n~~~", "page.md:1: expected a language that is known here, found 'perl'"),
        ("~~~\n~~~", "found ''"),
        ("~~~sh\n", "page.md:1: line 1: a code block without an end"),
        (":::{note}\n~~~sh\nfalse\n~~~\n:::", "page.md:3: $ false"),
        ("````{note}\n~~~sh\nfalse\n~~~\n````", "page.md:3: $ false"),
        ("<!-- not run: x -->\n\nWords.\n\n~~~sh\nfalse\n~~~", "page.md:6: $ false"),
    ],
)
def test_a_bad_page_fails_and_says_where(tmp_path, text, said):
    done = page(tmp_path, text)
    assert done.returncode == 1
    assert said in done.stdout


SERVER = """\
~~~sh
cat >serve.py <<END
import http.server
server = http.server.HTTPServer(("127.0.0.1", 8080), http.server.SimpleHTTPRequestHandler)
print("up", flush=True)
server.serve_forever()
END
python3 serve.py >log &
smsenc watch samples --to 448311234567 & # is not waited for
~~~

~~~python
import urllib.request
assert urllib.request.urlopen("http://127.0.0.1:8080/log").read() == b"up\\n"
~~~
"""


def test_a_server_is_waited_for_and_ended(tmp_path):
    done = page(tmp_path, SERVER)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_a_server_may_print_what_is_shown(tmp_path):
    text = "~~~console\n$ python3 -um http.server 8025 --bind 127.0.0.1 &\nServing HTTP ...\n~~~"
    assert page(tmp_path, text).stdout.strip() == ""
    ended = "~~~console\n$ echo a &\n- a\n~~~"
    assert "-- a" in page(tmp_path, ended).stdout


def test_without_a_network_of_its_own_only_pages_without_servers_run(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "own_network", lambda: False)
    assert page(tmp_path, "~~~sh\ntrue\n~~~").returncode == 0
    with pytest.raises(pytest.skip.Exception, match=r"page\.md starts servers, and unshare is not"):
        page(tmp_path, SERVER)


def test_whether_a_network_can_be_had_is_tried(monkeypatch):
    monkeypatch.setattr(pageservers, "OWN_NETWORK", ("false",))
    assert own_network() is False
    monkeypatch.setattr(pageservers, "OWN_NETWORK", ("/no/such/program",))
    assert own_network() is False


def test_a_block_must_end():
    with pytest.raises(ValueError, match="line 1: a code block without an end"):
        blocks("```sh\n")


def test_the_commands_of_a_block():
    (block,) = blocks("~~~sh\n# why\na &\nb & c\nd &  # in another terminal\n~~~\n")
    found = [(one.line, one.text, one.server) for one in commands(block)]
    assert found == [
        (2, "# why", False),
        (3, "a &", True),
        (4, "b & c", False),
        (5, "d &  # in another terminal", True),
    ]


@pytest.mark.parametrize(
    ("shown", "out", "err", "good"),
    [
        ("", "", "e\n", True),
        ("", "a\n", "", False),
        ("a", "a\n", "e\n", True),
        ("a\ne", "a\n", "e\n", True),
        ("e\na", "a\n", "e\n", True),
        ("a\ne\nb", "a\nb\n", "e\n", True),
        ("b\na", "a\nb\n", "", False),
        ("a\n...\nb", "a\nx\ny\nb\n", "", True),
        ("a\n...\nb", "a\nb\n", "", True),
        ("a\n...\nb", "a\nc\n", "", False),
        ("a (... octets)", "a (7 octets)\n", "", True),
        ("a.c", "abc\n", "", False),
        ("a\n\nb", "a\n\nb\n", "", True),
        ("...", "", "", True),
    ],
)
def test_what_a_page_may_show(shown, out, err, good):
    assert matches(shown, out, err) is good
