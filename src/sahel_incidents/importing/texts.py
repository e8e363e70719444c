"""Foreign text made fit for our tables, as little changed as the rules on text allow."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..rules import load
from ..text import INVISIBLE_HERE
from ..ucdp.imported import ACCOUNT

_TRIGGERS = "=+@＝＋－＠-"
_BREAKS = re.compile(r"[\r\n\x85]+")


def refused(texts: Iterable[str]) -> set[str]:
    """Those of some texts that no cell may hold as they are, by the rules on text."""
    import pandas as pd

    distinct = pa.array(sorted(set(texts) - {""}), pa.string())
    # Plain text between letters, digits or closing marks offends against no rule.
    odd = pc.invert(pc.match_substring_regex(distinct, r"\A[A-Za-z0-9#(\"][ -~]*[!-~]\z"))
    odd = pc.and_(odd, pc.invert(pc.match_substring_regex(distinct, r"\A[A-Za-z0-9]\z")))
    suspects = distinct.filter(odd)
    if not len(suspects):
        return set()
    broken = pc.match_substring_regex(suspects, r"[\r\n]").to_numpy(zero_copy_only=False)
    frame = pd.DataFrame({"text": pd.Series(pd.arrays.ArrowExtensionArray(suspects))})
    found = set(np.flatnonzero(broken).tolist())
    for rule in load().values():
        if rule.of_texts:
            found |= set(rule.failing(frame).tolist())
    return set(suspects.take(pa.array(sorted(found), pa.int64())).to_pylist())


class Mender:
    """Mends texts for cells in which they need not stand as they came.

    Args:
        texts: all texts that may be asked for.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        wrong = refused(texts)
        mended = {text: _mended(text) for text in sorted(wrong)}
        # Styled letters become plain ones; nothing else is worth the loss.
        still = refused(mended.values())
        mended = {
            text: unicodedata.normalize("NFKC", new) if new in still else new
            for text, new in mended.items()
        }
        still = refused(mended.values())
        self._mended = {
            text: json.dumps(new) if new in still else new for text, new in mended.items()
        }

    def __call__(self, text: str, limit: int | None = None) -> str:
        """The text as a cell; cut at `limit` characters, which a sign shows."""
        cell = self._mended.get(text, text)
        if limit is not None and len(cell) > limit:
            return cell[: limit - 1].rstrip() + "…"
        return cell


@cache
def _mended(text: str) -> str:
    """A text without what the rules refuse, where that can be told without guessing."""
    mended = _BREAKS.sub(" ", text)
    mended = INVISIBLE_HERE.sub(lambda found: " " if found.group().isspace() else "", mended)
    mended = unicodedata.normalize("NFC", mended).strip()
    if mended[:1] in ("@", "＠"):
        return ACCOUNT + mended
    return mended.lstrip(_TRIGGERS + " ") or "(illegible)"
