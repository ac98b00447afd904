"""What is promised about the repository as a whole."""

import ast
import hashlib
import re
import subprocess
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOP = ("outputs", "pipelines", "pyproject.toml", "schemas", "seeds", "tests", "workspace.yaml")
LOCKS = ("requirements.lock", "requirements-dev.lock")


def _tracked_texts() -> dict[str, str]:
    if not (ROOT / ".git").exists():
        pytest.skip("only a checkout knows which files are the project's")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    return {name: (ROOT / name).read_text(encoding="utf-8", errors="replace") for name in paths}


@pytest.mark.parametrize("name", TOP)
def test_the_top_level_is_what_the_readme_says(name: str) -> None:
    """The folders and files that everything else counts on stand at the top."""
    assert (ROOT / name).exists()


def test_the_first_seed_is_verbatim() -> None:
    """No editor, line-ending rule or merge has changed a byte of the document we were given."""
    data = (ROOT / "seeds" / "000_b8639b6b96b8c4e3.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest() == "2562d6c9489771a7496c5aa5cf69784d411989e1083f7176c17e9099891b8cf4"


def test_no_file_names_a_place_of_one_machine() -> None:
    """What works only where it was written does not get in."""
    place = re.compile(r"file:[/]|(?<![\w.:/-])/(?:home|Users|root|tmp|opt|mnt)/")
    found = [name for name, text in _tracked_texts().items() if place.search(text)]
    assert found == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_library_has_a_version_and_hashes(name: str) -> None:
    """A lock says what to install and never from where."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [line for line in text.replace("\\\n", " ").splitlines() if not line.startswith("#")]
    pinned = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==[0-9][\w.]*( +; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+")
    assert entries
    assert [entry for entry in entries if not pinned.fullmatch(entry)] == []


def _pins(name: str) -> set[str]:
    """`library==version` of every entry; its marker depends on what else is asked for."""
    lines = re.findall(r"^\w.*==.*", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"\[.*?\]", "", line).partition(" ")[0] for line in lines}


def test_both_locks_agree() -> None:
    """Tests run with the very libraries that make a release."""
    runtime, development = map(_pins, LOCKS)
    assert runtime <= development


def test_what_the_readme_tells_people_to_make_can_be_made() -> None:
    """Each `make` target that a document names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", ".ci/run")]
    named = {word for text in texts for word in re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)}
    assert {"release", "test"} <= named <= targets


def test_every_link_between_documents_leads_somewhere() -> None:
    """No document points at a file that is not there."""
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_every_decision_is_listed() -> None:
    """The list of decisions has each record, once and in order."""
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-.*?\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_the_command_can_be_called() -> None:
    """The console script of the project names a function that exists."""
    module, function = PROJECT["project"]["scripts"]["monographs"].split(":")
    assert callable(getattr(import_module(module), function))


def test_every_room_has_a_layer() -> None:
    """A new module of pipelines takes its place in the order of imports before it is merged."""
    (layers,) = (c["layers"] for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    placed = set(re.findall(r"pipelines\.(\w+)", " ".join(layers)))
    rooms = {path.stem for path in (ROOT / "pipelines").iterdir() if not path.name.startswith("_")}
    assert rooms <= placed


def _public_names(path: Path) -> Iterator[str]:
    """Classes, functions and constants of a module that others may use."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            named = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            named = []
        yield from (name for name in named if not name.startswith("_"))


def test_a_public_name_means_one_thing() -> None:
    """What every format has (`render`) stands in each of them; a command of the skin is named for what it calls."""
    modules = [path for room in ("pipelines", "schemas") for path in (ROOT / room).rglob("*.py")]
    places = defaultdict(set)
    for path in modules:
        if path.name != "cli.py":
            for name in _public_names(path):
                places[name].add(path.relative_to(ROOT).as_posix())
    of_formats = {"render", "records", "RENDERER"}
    found = {name: sorted(paths) for name, paths in places.items() if len(paths) > 1 and name not in of_formats}
    assert found == {}
