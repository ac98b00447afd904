"""`SHA256SUMS.sig`: who stands for a release, by the key of SSH that signed `SHA256SUMS`, which names every other file.

A signature is put beside the files once the release is committed, and never replaced: the release counts with it or
without. Any `ssh-keygen` (OpenSSH 8.2 or newer) checks it, as the README of the release says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from pipelines.release.failures import NoSuchReleaseError, SigningError, using
from pipelines.release.layout import SIGNATURE, SUMS
from pipelines.release.store import Place, store_at

SIGNING_NAMESPACE = "drug-monographs"  # a signature that was made for anything else does not count


def require_key(key: Path) -> None:
    """Raises SigningError, before any work is done, where there is nothing to sign with."""
    _tool()
    if not key.is_file():
        raise SigningError(f"{key}: there is no such key; name the file that `ssh-keygen -t ed25519` made.")


def sign(outputs: Place, version: str, key: Path) -> bool:
    """Signs a release; False where it was signed before. Raises SigningError where the key cannot be used.

    `key` is a private key, or a public one whose private half is in ssh-agent.
    """
    require_key(key)
    store, folder = store_at(outputs), f"releases/{version}"
    with using(outputs):
        sums = store.read(f"{folder}/{SUMS}")
        if sums is None:
            raise NoSuchReleaseError(f"{store.where(folder)}: has no {SUMS} to sign.")
        if store.read(f"{folder}/{SIGNATURE}") is not None:
            return False
        with store.scratch() as scratch:
            (scratch / SUMS).write_bytes(sums)
            made = _ssh_keygen("sign", "-f", str(key), "-n", SIGNING_NAMESPACE, str(scratch / SUMS))
            if made.returncode:
                raise SigningError(f"{key}: {version} is released and not signed. {_why(made)}")
            is_new = store.put_new(f"{folder}/{SIGNATURE}", scratch / SIGNATURE)
        store.settle(folder)
        return is_new


def _why(made: subprocess.CompletedProcess[bytes]) -> str:
    said = made.stderr.decode(errors="replace").strip()
    if "passphrase" in said:
        remedy = "run the same command in a terminal, or `ssh-add` the key and name its .pub file"
        return f"The key needs a passphrase that was not given: {remedy}."
    return f"ssh-keygen says: {said.splitlines()[-1] if said else made.returncode}."


def why_not_signed(folder: Path, allowed_signers: Path) -> str | None:
    """Why the files of a release, in `folder`, are not those that an allowed signer signed; None where they are.

    `allowed_signers` is a file as ssh-keygen(1) describes it. Raises SigningError where it cannot be read.
    """
    if not allowed_signers.is_file():
        raise SigningError(f"{allowed_signers}: there is no such file of allowed signers.")
    if not (folder / SIGNATURE).is_file():
        return "is missing: the release is not signed"
    signature, allowed = str(folder / SIGNATURE), str(allowed_signers)
    sums = (folder / SUMS).read_bytes()
    found = _ssh_keygen("find-principals", "-s", signature, "-f", allowed)
    signers = found.stdout.decode(errors="replace").split()
    if found.returncode or not signers:
        return f"was not made by a signer that {allowed_signers} allows"
    signer = signers[0].partition(",")[0]
    words = ("verify", "-f", allowed, "-I", signer, "-n", SIGNING_NAMESPACE, "-s", signature)
    if _ssh_keygen(*words, stdin=sums).returncode:
        return f"is no signature of {SUMS} by {signer} for {SIGNING_NAMESPACE}"
    return None


def _ssh_keygen(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A passphrase is asked for on the terminal, where there is one, and never in a window."""
    quiet = {**os.environ, "SSH_ASKPASS_REQUIRE": "never"}
    return subprocess.run([_tool(), "-Y", *words], input=stdin, capture_output=True, env=quiet, check=False)  # noqa: S603


def _tool() -> str:
    found = shutil.which("ssh-keygen")
    if found is None:
        raise SigningError("ssh-keygen is not installed; it comes with OpenSSH, and signatures need it.")
    return found
