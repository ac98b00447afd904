"""Downloads: what arrives is what was published, whatever the source does, or nothing under its own name."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.release import log
from pipelines.release.failures import DownloadRefusedError, NoSuchReleaseError, WithdrawnError
from pipelines.release.fetch import fetch
from pipelines.release.fetch.source import is_inside
from pipelines.release.layout import checksums, fact_of, facts_in
from pipelines.release.publish.events import withdraw, yank

BIG = "data/strengths.parquet"


class Static(SimpleHTTPRequestHandler):
    """A static host that knows Range, and notes what it was asked for."""

    knows_range = True
    asked: list[tuple[str, str | None]]
    most: int | None = None  # bytes of one answer with data, then the connection is closed

    def log_message(self, *_: object) -> None:
        """Is silent."""

    def body(self, path: Path) -> bytes:
        """The bytes of a file."""
        return path.read_bytes()

    def do_GET(self) -> None:
        """Answers with a file or a part of it."""
        path = Path(self.translate_path(self.path))
        wanted = self.headers.get("Range")
        type(self).asked.append((f"{path.parent.name}/{path.name}", wanted))
        if not path.is_file():
            self.send_error(404)
            return
        data = self.body(path)
        start = int(wanted[6:-1]) if wanted and self.knows_range else 0
        if start >= len(data) > 0:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:][: self.most if path.parent.name == "data" else None])


class WithoutRange(Static):
    """Gives the whole file whatever part was asked for."""

    knows_range = False


class CutsShort(Static):
    """Closes the connection after 3,000 bytes."""

    most = 3000


class CutsShortWithoutRange(Static):
    """Never gives more than the first 3,000 bytes."""

    knows_range = False
    most = 3000


class ChangesAByte(Static):
    """Serves one file with another byte in it."""

    def body(self, path: Path) -> bytes:
        """The bytes of a file, with one changed."""
        data = bytearray(path.read_bytes())
        if path.name == "strengths.parquet":
            data[-1] ^= 1
        return bytes(data)


class SaysMore(Static):
    """Serves one file with a byte too many."""

    def body(self, path: Path) -> bytes:
        """The bytes of a file, and one more."""
        return path.read_bytes() + (b"x" if path.name == "strengths.parquet" else b"")


@contextmanager
def served(folder: Path, kind: type[Static] = Static) -> Iterator[str]:
    """The address of a folder on this computer."""
    kind.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _same(published: Path, to: Path, version: str = "1.0.1") -> bool:
    return facts_in(to / version) == facts_in(published / "releases" / version)


# --- what arrives ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Static, WithoutRange, CutsShort])
def test_the_latest_arrives_whole_from_a_host(published: Path, tmp_path: Path, kind: type[Static]) -> None:
    """Also from one that ignores Range, and from one that cuts every file short and is asked for the rest."""
    with served(published, kind) as url:
        result = fetch(url, tmp_path)
    assert (result.version, result.kept, _same(published, tmp_path)) == ("1.0.1", (), True)


def test_a_version_arrives_whole_from_a_folder(published: Path, tmp_path: Path) -> None:
    """The same files as from a host; again, nothing is fetched."""
    assert fetch(str(published), tmp_path, "1.0.0").new
    assert (fetch(str(published), tmp_path, "1.0.0").new, _same(published, tmp_path, "1.0.0")) == ((), True)


def test_tables_and_format_are_chosen(published: Path, tmp_path: Path) -> None:
    """The chosen files come with what describes them; the rest can be had later."""
    fetch(str(published), tmp_path, tables=["strengths", "routes"], kind="csv")
    assert sorted(path.name for path in (tmp_path / "1.0.1/data").iterdir()) == ["routes.csv", "strengths.csv"]
    assert (tmp_path / "1.0.1/datapackage.json").is_file()
    assert "data/strengths.csv" in fetch(str(published), tmp_path).kept
    assert _same(published, tmp_path)


@pytest.mark.parametrize("kind", [Static, WithoutRange])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 2.0])
def test_an_unfinished_file_goes_on(published: Path, tmp_path: Path, kind: type[Static], share: float) -> None:
    """Only what is missing is asked for; a part that is too long, or was whole already, does no harm."""
    data = (published / "releases/1.0.1" / BIG).read_bytes()
    part = tmp_path / "1.0.1" / f"{BIG}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes((data * 2)[: int(len(data) * share)])
    with served(published, kind) as url:
        fetch(url, tmp_path)
        ranges = [wanted for name, wanted in kind.asked if name == BIG]
    assert ranges == {0.0: [None], 0.5: [f"bytes={len(data) // 2}-"], 1.0: [], 2.0: [None]}[share]
    assert _same(published, tmp_path)


def test_an_unfinished_file_of_something_else_begins_again(published: Path, tmp_path: Path) -> None:
    """The first bytes are of another release: the file is fetched once more, whole."""
    part = tmp_path / "1.0.1" / f"{BIG}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 100)
    with served(published) as url:
        fetch(url, tmp_path)
    assert _same(published, tmp_path)


def test_progress_is_told_up_to_the_size(published: Path, tmp_path: Path) -> None:
    """Every file ends at its size."""
    told: dict[str, tuple[int, int]] = {}
    fetch(str(published), tmp_path, progress=lambda name, size, done: told.update({name: (size, done)}))
    assert told[BIG] == ((published / "releases/1.0.1" / BIG).stat().st_size,) * 2
    assert all(size == done for size, done in told.values())


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ChangesAByte, SaysMore, CutsShortWithoutRange])
def test_other_bytes_are_never_kept_under_their_name(published: Path, tmp_path: Path, kind: type[Static]) -> None:
    """A changed byte, a byte too many, a file that never ends: refused, and a right source completes the rest."""
    with served(published, kind) as url, pytest.raises(DownloadRefusedError):
        fetch(url, tmp_path)
    wrong = facts_in(tmp_path / "1.0.1")
    right = facts_in(published / "releases/1.0.1")
    assert {name: fact for name, fact in wrong.items() if not name.endswith(".part")}.items() <= right.items()
    assert "release.json" not in wrong
    fetch(str(published), tmp_path)
    assert _same(published, tmp_path)


def test_a_changed_byte_is_named_and_not_kept(published: Path, tmp_path: Path) -> None:
    """Neither the file nor its beginning."""
    with (
        served(published, ChangesAByte) as url,
        pytest.raises(DownloadRefusedError, match=r"strengths\.parquet.*other"),
    ):
        fetch(url, tmp_path)
    assert not list((tmp_path / "1.0.1/data").glob("strengths.parquet*"))


def test_a_file_that_is_not_ours_is_left_alone(published: Path, tmp_path: Path) -> None:
    """What somebody edited is named and neither replaced nor believed."""
    mine = tmp_path / "1.0.1" / BIG
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(DownloadRefusedError, match=r"strengths\.parquet: is not the file that was published"):
        fetch(str(published), tmp_path)
    assert mine.read_bytes() == b"mine"


def _forge(outputs: Path, change: Callable[[dict[str, object]], object], *, sums: str = "") -> None:
    """Changes the manifest of 1.0.1 and makes index and checksums agree, as somebody who owns the host can."""
    folder = outputs / "releases/1.0.1"
    manifest = json.loads((folder / "release.json").read_bytes())
    change(manifest)
    (folder / "release.json").write_bytes(log.to_json(manifest))
    facts = facts_in(folder)
    facts.pop("SHA256SUMS")
    (folder / "SHA256SUMS").write_bytes(checksums(facts) + sums.encode())
    index = json.loads((outputs / "index.json").read_bytes())
    index["releases"][1]["manifest_sha256"] = fact_of(folder / "release.json").sha256
    (outputs / "index.json").write_bytes(log.to_json(index))


_OUTSIDE = ["../evil", "data/../../evil", "/etc/evil", "data\\evil", "C:evil", "data//evil", "", ".", "a.part", "a\nb"]


@pytest.mark.parametrize("name", _OUTSIDE)
def test_names_that_leave_the_folder_are_refused(outputs: Path, tmp_path: Path, name: str) -> None:
    """In the manifest and in the checksums, from a host whose index names such a manifest."""
    nothing = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    _forge(outputs, lambda m: m["files"].update({name: nothing}), sums=f"{nothing['sha256']}  {name}\n")  # type: ignore[attr-defined]
    with served(outputs) as url, pytest.raises(DownloadRefusedError, match="no name of a file"):
        fetch(url, tmp_path / "to")
    assert not (tmp_path / "to").exists()
    assert not is_inside(name)


@pytest.mark.parametrize(
    ("field", "value"),
    [("version", "../1.0.1"), ("version", "1.0.1/.."), ("manifest", "releases/../../release.json"), ("manifest", 7)],
)
def test_an_index_that_leads_elsewhere_is_refused(outputs: Path, tmp_path: Path, field: str, value: object) -> None:
    """A version or a manifest with `../` in it is not followed."""
    index = json.loads((outputs / "index.json").read_bytes())
    index["releases"][1][field] = value
    index["latest"] = index["releases"][1]["version"]
    (outputs / "index.json").write_bytes(log.to_json(index))
    with served(outputs) as url, pytest.raises(DownloadRefusedError):
        fetch(url, tmp_path / "to")
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    "index", [b"", b"{", b"[]", b'{"latest": "1.0.1"}', b"[" * 100_000, b"\xff", b'{"releases": 1}']
)
def test_an_index_of_another_kind_is_refused(outputs: Path, tmp_path: Path, index: bytes) -> None:
    """In one sentence, whatever it is."""
    (outputs / "index.json").write_bytes(index)
    with pytest.raises(DownloadRefusedError, match="nothing that this tool publishes"):
        fetch(str(outputs), tmp_path / "to")


_DISAGREE: list[tuple[Callable[[Path], object], str]] = [
    (lambda f: (f / "release.json").write_bytes(b"{}"), "release.json is not the one that the index names"),
    (lambda f: (f / "SHA256SUMS").write_bytes(b""), "SHA256SUMS names other files"),
    (lambda f: (f / "build.json").write_bytes(b"{}"), "SHA256SUMS names other files"),
    (lambda f: (f / "SHA256SUMS").unlink(), "cannot be had"),
]


@pytest.mark.parametrize(("damage", "words"), _DISAGREE)
def test_records_that_disagree_are_refused(
    outputs: Path, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    """Index, manifest and checksums must say the same before anything is fetched."""
    damage(outputs / "releases/1.0.1")
    with served(outputs) as url, pytest.raises(DownloadRefusedError, match=re.escape(words)):
        fetch(url, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_links_are_not_followed(outputs: Path, tmp_path: Path) -> None:
    """Neither in the source nor in the folder that files go to."""
    file = outputs / "releases/1.0.1" / BIG
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DownloadRefusedError, match="is a link"):
        fetch(str(outputs), tmp_path / "to")
    (tmp_path / "victim").mkdir()
    (tmp_path / "two/1.0.0").mkdir(parents=True)
    (tmp_path / "two/1.0.0/data").symlink_to(tmp_path / "victim")
    with pytest.raises(DownloadRefusedError, match="a link that leads out"):
        fetch(str(outputs), tmp_path / "two", "1.0.0")
    assert not list((tmp_path / "victim").iterdir())


def test_two_downloads_do_not_write_into_one_file(published: Path, tmp_path: Path) -> None:
    """The second is told to wait."""
    refused: list[str] = []

    def meanwhile(*_: object) -> None:
        if not refused:
            with pytest.raises(DownloadRefusedError, match="another download") as error:
                fetch(str(published), tmp_path)
            refused.append(str(error.value))

    fetch(str(published), tmp_path, progress=meanwhile)
    assert refused
    assert _same(published, tmp_path)


def test_what_is_not_offered_is_named(outputs: Path, tmp_path: Path) -> None:
    """A version, a table, a format, a source."""
    with pytest.raises(NoSuchReleaseError, match=r"9\.9\.9; it names 1\.0\.0, 1\.0\.1"):
        fetch(str(outputs), tmp_path, "9.9.9")
    with pytest.raises(DownloadRefusedError, match="no table doses; it has"):
        fetch(str(outputs), tmp_path, tables=["doses"])
    with pytest.raises(DownloadRefusedError, match="csv and parquet"):
        fetch(str(outputs), tmp_path, kind="xml")
    for place in ("file:" + "//" + "/etc", "ftp://127.0.0.1", str(tmp_path / "nothing")):
        with pytest.raises(DownloadRefusedError, match=r"no folder and no http\(s\) address"):
            fetch(place, tmp_path)
    with pytest.raises(DownloadRefusedError, match="cannot be had"):
        fetch("http://127.0.0.1:1", tmp_path)


def test_yanked_and_withdrawn_versions_say_why(outputs: Path, tmp_path: Path) -> None:
    """A yanked one arrives with a warning where it is named; a withdrawn one does not."""
    yank(outputs, "1.0.1", "Wrong dose.", "1.0.0")
    assert fetch(str(outputs), tmp_path).version == "1.0.0"
    named = fetch(str(outputs), tmp_path, "1.0.1")
    assert (named.yanked, named.replaced_by) == ("Wrong dose.", "1.0.0")
    withdraw(outputs, "1.0.1", "No licence.")
    with pytest.raises(WithdrawnError, match=r"No licence\."):
        fetch(str(outputs), tmp_path / "other", "1.0.1")


def test_the_command_tells_what_arrived(outputs: Path, tmp_path: Path) -> None:
    """A folder and a count; with --json, names; a warning where the version was yanked."""
    yank(outputs, "1.0.1", "Wrong dose.", "1.0.0")
    asked = ["fetch", str(outputs), "--to", str(tmp_path), "--tables", "routes, strengths", "--format", "parquet"]
    data = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    assert [name for name in data["new"] if "/" in name] == ["data/routes.parquet", BIG]
    words = CliRunner().invoke(app, [*asked, "1.0.1"])
    assert (words.exit_code, "Warning: 1.0.1 was yanked: Wrong dose. Take 1.0.0 instead." in words.output) == (0, True)
