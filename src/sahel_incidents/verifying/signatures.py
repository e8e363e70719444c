"""The signature of a release: whether there is one, whether it fits, and whose it is."""

from __future__ import annotations

import os
from pathlib import Path

from ..checksums import SIGNATURE, SUMS
from ..problem import ToolError
from ..publishing.signing import WrongSignatureError, signer, signing_key
from .findings import Kind, Verification


def check_signature(folder: Path, allowed: Path | None, found: Verification) -> None:
    """Check the signature of `SHA256SUMS`.

    That there is none is a remark, unless the user said who should have signed: whoever changes a
    release would leave the signature out. Without such a list a signature can only be held against
    the sums, which tells nothing of who made it.

    Raises:
        ToolError: there is no ssh-keygen, or no such file of allowed signers.
    """
    signed = os.path.lexists(folder / SIGNATURE)
    if not signed or not (folder / SUMS).is_file():
        if allowed is None:
            found.notes.append("not signed")
        else:
            found.add(Kind.SIGNATURE, SIGNATURE, "is missing: the release is not signed")
        return
    if (folder / SIGNATURE).is_symlink() or not (folder / SIGNATURE).is_file():
        found.add(Kind.SIGNATURE, SIGNATURE, "is not a plain file")
        return
    try:
        if allowed is not None:
            found.notes.append(f"signed by {signer(folder, allowed)}")
        else:
            key = signing_key(folder)
            found.notes.append(
                f"signed with {key}; whose that is was not checked (--allowed-signers)"
            )
    except WrongSignatureError as error:
        found.add(Kind.SIGNATURE, SIGNATURE, f"does not hold: {error}")
    except ToolError as error:
        if allowed is not None:
            raise
        found.notes.append(f"signed; the signature was not checked: {error.message}")
