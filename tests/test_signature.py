"""Signatures of releases, made and checked with the real ssh-keygen and keys that are thrown away."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.release.failures import NoSuchReleaseError, SigningError
from pipelines.release.fetch import fetch
from pipelines.release.publish.events import withdraw
from pipelines.release.publish.signature import SIGNING_NAMESPACE, sign
from pipelines.release.verify import verify
from tests.test_command import monographs

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
SIG = "releases/1.0.0/SHA256SUMS.sig"


def _key(folder: Path, name: str, passphrase: str = "") -> Path:
    key = folder / name
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", str(key)]
    subprocess.run(words, check=True)
    return key


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys `ours` and `theirs`, and `locked` with a passphrase; `allowed` names the signer of `ours`."""
    folder = tmp_path_factory.mktemp("keys")
    ours, *_ = _key(folder, "ours"), _key(folder, "theirs"), _key(folder, "locked", "a passphrase")
    public = ours.with_suffix(".pub").read_text(encoding="utf-8")
    (folder / "allowed").write_text(f"pharmacist@example.org {public}", encoding="utf-8")
    return folder


def _problems(outputs: Path, keys: Path) -> list[str]:
    return [str(problem) for problem in verify(outputs, "1.0.0", allowed_signers=keys / "allowed")]


def test_a_signed_release_is_whole_with_and_without_asking_who_signed(outputs: Path, keys: Path) -> None:
    """Verification knows the file; a second signature changes nothing."""
    assert sign(outputs, "1.0.0", keys / "ours")
    first = (outputs / SIG).read_bytes()
    assert verify(outputs, deep=True) == []
    assert _problems(outputs, keys) == []
    assert not sign(outputs, "1.0.0", keys / "theirs")
    assert (outputs / SIG).read_bytes() == first


def test_a_stranger_checks_the_signature_with_the_words_of_the_readme(outputs: Path, keys: Path) -> None:
    """OpenSSH alone is needed."""
    sign(outputs, "1.0.0", keys / "ours")
    readme = (outputs / "releases/1.0.0/README.md").read_text(encoding="utf-8")
    (line,) = [line for line in readme.splitlines() if line.startswith("ssh-keygen -Y verify")]
    line = line.replace("<allowed_signers>", str(keys / "allowed")).replace("<signer>", "pharmacist@example.org")
    found = subprocess.run(["sh", "-c", line], cwd=outputs / "releases/1.0.0", capture_output=True, check=False)
    assert (found.returncode, SIGNING_NAMESPACE in found.stdout.decode()) == (0, True)


def test_an_unsigned_release_is_named_where_a_signature_is_demanded(outputs: Path, keys: Path) -> None:
    """And is whole where none is."""
    assert _problems(outputs, keys) == [f"{SIG}: is missing: the release is not signed"]
    assert verify(outputs) == []


def test_a_signature_by_somebody_else_does_not_count(outputs: Path, keys: Path) -> None:
    """The key is not among those that are allowed."""
    sign(outputs, "1.0.0", keys / "theirs")
    assert _problems(outputs, keys) == [f"{SIG}: was not made by a signer that {keys / 'allowed'} allows"]


def test_a_signature_of_other_checksums_does_not_count(outputs: Path, keys: Path) -> None:
    """That of another release, put in its place."""
    sign(outputs, "1.0.1", keys / "ours")
    shutil.copy(outputs / "releases/1.0.1/SHA256SUMS.sig", outputs / SIG)
    assert _problems(outputs, keys) == [
        f"{SIG}: is no signature of SHA256SUMS by pharmacist@example.org for {SIGNING_NAMESPACE}"
    ]


def test_a_signature_for_another_purpose_does_not_count(outputs: Path, keys: Path) -> None:
    """The same key and file, signed as a commit of git would be."""
    sums = outputs / "releases/1.0.0/SHA256SUMS"
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(keys / "ours"), "-n", "git", str(sums)]
    subprocess.run(words, check=True, capture_output=True)
    assert [problem.split(":")[0] for problem in _problems(outputs, keys)] == [SIG]


def test_a_file_that_is_no_signature_does_not_count(outputs: Path, keys: Path) -> None:
    """Nor does it break the verification."""
    (outputs / SIG).write_text("signed, truly\n", encoding="utf-8")
    assert [problem.split(":")[0] for problem in _problems(outputs, keys)] == [SIG]


def test_a_key_that_needs_a_passphrase_says_so_where_nobody_can_be_asked(outputs: Path, keys: Path) -> None:
    """In a session without a terminal: one sentence, exit code 1, and nothing is written."""
    words = f"sign({str(outputs)!r}, '1.0.0', Path({str(keys / 'locked')!r}))"
    program = f"from pathlib import Path; from pipelines.release.publish.signature import sign; {words}"
    found = subprocess.run(
        [sys.executable, "-c", program],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert found.returncode == 1
    assert "1.0.0 is released and not signed. The key needs a passphrase that was not given" in found.stderr.decode()
    assert not (outputs / SIG).exists()


@pytest.mark.parametrize(
    ("key", "words"), [("nobody", "there is no such key"), ("allowed", "not signed. ssh-keygen says")]
)
def test_a_key_that_is_none_says_so(outputs: Path, keys: Path, key: str, words: str) -> None:
    """A missing file, and one of another kind."""
    with pytest.raises(SigningError, match=words):
        sign(outputs, "1.0.0", keys / key)


def test_a_release_that_is_not_there_cannot_be_signed(outputs: Path, keys: Path) -> None:
    """Nor one whose data was withdrawn."""
    withdraw(outputs, "1.0.0", "No licence.")
    for version in ("1.0.0", "9.9.9"):
        with pytest.raises(NoSuchReleaseError, match="has no SHA256SUMS to sign"):
            sign(outputs, version, keys / "ours")


def test_without_ssh_keygen_it_is_named(outputs: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For signing and for checking."""
    sign(outputs, "1.0.0", keys / "ours")
    monkeypatch.setenv("PATH", str(keys))
    with pytest.raises(SigningError, match="ssh-keygen is not installed"):
        sign(outputs, "1.0.1", keys / "ours")
    with pytest.raises(SigningError, match="ssh-keygen is not installed"):
        _problems(outputs, keys)


def test_allowed_signers_that_are_not_there_are_an_error(outputs: Path, keys: Path) -> None:
    """And no verdict on the release."""
    with pytest.raises(SigningError, match="no such file of allowed signers"):
        verify(outputs, allowed_signers=keys / "nobody")


def test_a_download_brings_the_signature(outputs: Path, keys: Path, tmp_path: Path) -> None:
    """Where there is one."""
    sign(outputs, "1.0.0", keys / "ours")
    folder = fetch(str(outputs), tmp_path / "to", "1.0.0").folder
    assert (folder / "SHA256SUMS.sig").read_bytes() == (outputs / SIG).read_bytes()
    assert not (fetch(str(outputs), tmp_path / "to", "1.0.1").folder / "SHA256SUMS.sig").exists()


@pytest.mark.slow
def test_the_command_signs_what_it_releases_and_verifies_who_signed(
    tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`release --sign`, the same again with the environment, and `verify --allowed-signers`."""
    outputs = tmp_path / "outputs"
    made = monographs("release", "--outputs", outputs)
    unsigned = monographs("verify", "--outputs", outputs, "--allowed-signers", keys / "allowed")
    assert (made.returncode, unsigned.returncode) == (0, 1)
    signed = monographs("release", "--outputs", outputs, "--sign", keys / "ours")
    assert (signed.returncode, f"Signed 1.0.0 with {keys / 'ours'}." in signed.stdout) == (0, True)
    monkeypatch.setenv("MONOGRAPHS_SIGNING_KEY", str(keys / "ours"))
    again = monographs("release", "--outputs", outputs, "--json")
    assert (again.returncode, json.loads(again.stdout)["is_signed"]) == (0, True)
    found = monographs("verify", "--outputs", outputs, "--allowed-signers", keys / "allowed")
    assert (found.returncode, "is whole and signed by one that" in found.stdout) == (0, True)
