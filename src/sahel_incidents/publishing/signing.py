"""Signatures of releases, made and checked by OpenSSH's `ssh-keygen -Y`, which needs no network.

What is signed is `SHA256SUMS`, and by it every file. The form is OpenSSH's SSHSIG
(https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from ..checksums import SIGNATURE, SUMS
from ..problem import ToolError

NAMESPACE = "sahel-incidents-release"
"""What a signature is for, so that one made for something else does not pass."""


class WrongSignatureError(Exception):
    """A signature is not one of these sums, or of nobody who may sign."""


def check_key(key: Path) -> None:
    """Notice before a long build that its end could not be signed.

    Raises:
        ToolError: there is no ssh-keygen, or no such key.
    """
    if not key.is_file() or not os.access(key, os.R_OK):
        raise ToolError(
            f"there is no key {key} that may be read",
            "name the file of a private key, or of its public half where ssh-agent holds it",
        )
    _run("-l", "-f", str(key.absolute()), remedy=f"{key} must be a key that ssh-keygen made")


def sign(folder: Path, key: Path) -> None:
    """Sign a folder's `SHA256SUMS`; a passphrase is asked for at the terminal.

    Raises:
        ToolError: there is no ssh-keygen, or it cannot sign by this key.
    """
    (folder / SIGNATURE).unlink(missing_ok=True)
    arguments = ("-Y", "sign", "-f", str(key.absolute()), "-n", NAMESPACE, SUMS)
    _run(*arguments, folder=folder, remedy="check the key, its passphrase and ssh-agent")


def signer(folder: Path, allowed: Path) -> str:
    """Who signed a folder's `SHA256SUMS`, of those who may.

    Args:
        folder: the release.
        allowed: a file of the form "ALLOWED SIGNERS" of ssh-keygen(1).

    Raises:
        WrongSignatureError: the signature does not fit, or is of nobody in that file.
        ToolError: there is no ssh-keygen, or no such file.
    """
    if not allowed.is_file():
        raise ToolError(f"there is no file {allowed}", "see ALLOWED SIGNERS in: man ssh-keygen")
    names = ("-s", SIGNATURE, "-f", str(allowed.absolute()))
    found = _ask(folder, "find-principals", *names)
    refused = WrongSignatureError("it is of nobody who may sign")
    for identity in found.splitlines():
        try:
            _ask(folder, "verify", *names, "-n", NAMESPACE, "-I", identity)
        except WrongSignatureError as error:  # one of several lines may be out of date
            refused = error
        else:
            return identity
    raise refused


def signing_key(folder: Path) -> str:
    """The key that signed a folder's `SHA256SUMS`, whoever holds it.

    Raises:
        WrongSignatureError: the signature does not fit.
        ToolError: there is no ssh-keygen.
    """
    said = _ask(folder, "check-novalidate", "-s", SIGNATURE, "-n", NAMESPACE).strip()
    return said.rsplit(" with ", 1)[-1]


def _ask(folder: Path, act: str, *arguments: str) -> str:
    """What ssh-keygen says of the signature; only its exit code is believed in the first place."""
    done = _call(["-Y", act, *arguments], folder, (folder / SUMS).read_bytes())
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise WrongSignatureError(said.splitlines()[-1] if said else "ssh-keygen refuses it")
    return done.stdout.decode("utf-8", "replace")


def _run(*arguments: str, remedy: str, folder: Path | None = None) -> None:
    done = _call(list(arguments), folder or Path(tempfile.gettempdir()), None)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip() or "no reason given"
        raise ToolError(f"ssh-keygen cannot do it: {said.splitlines()[-1]}", remedy)


def _call(
    arguments: list[str], folder: Path, message: bytes | None
) -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen in a folder; without a message it may ask at the terminal."""
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments],
            cwd=folder,
            input=message,
            capture_output=True,
            env=os.environ | {"LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolError(
            "there is no program ssh-keygen", "install OpenSSH (apt install openssh-client)"
        ) from error
