"""The semantic rules, one module each; this package finds them, nothing lists them.

A rule module has

- a docstring: its first line is the rule's title, then comes the reason, then a block of rows
  that pass and one of rows that fail (JSON objects after `Passes::` and `Fails::`, each begun on a
  line of its own; a long one goes on, further indented, on the next);
- `SEVERITY` and `TABLES`, the tables it looks at;
- `NEEDS`, the columns it reads: a table's own (`low`), another record's through a foreign key
  (`source_id.published_on`), or `*` for every free-text column in turn, then seen as `text`;
- `FACTS`, where it needs a global fact: names and the `facts` that compute them;
- `FIELD`, the column a problem is shown on (not for `*`);
- `holds(frame)`, the condition: a pandera check over a frame of just these columns, true where a
  row is right. An empty cell makes a comparison unknown, and unknown passes, as in SQL's CHECK;
- `explain(row)`, the message and, where one is known, the suggestion for a row that fails.

The file's name is the rule's id, with hyphens. Ids are stable: reports, notes and revisions cite
them.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..columns import Column
from ..facts import Lookup
from ..problem import RuleInfo, Severity

Row = Mapping[str, Any]
"""A failing row as plain Python values (str, int, float, bool, datetime.date or None)."""

Explanation = tuple[str, str | None]
"""A message and, where one is known, a suggestion."""

EVERY_TEXT = "*"


@dataclass(frozen=True)
class Rule:
    """A semantic rule, as its module declares it."""

    info: RuleInfo
    field: str | None
    columns: dict[str, Column | None]
    """What the rule reads: a table's own columns (None) and global facts."""
    of_texts: bool
    """Whether it looks at every free-text column in turn."""
    holds: Callable[[Any], Any]
    explain: Callable[[Row], Explanation]
    passes: tuple[dict[str, Any], ...]
    fails: tuple[dict[str, Any], ...]

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns of the judged table itself that the rule reads."""
        return tuple(
            column.path.split(".")[0] if isinstance(column, Lookup) else name
            for name, column in self.columns.items()
            if column is None or isinstance(column, Lookup)
        )

    def failing(self, frame: Any) -> Any:
        """The index of the rows of a frame that break the rule, judged by pandera.

        Args:
            frame: a `pandas.DataFrame` with the rule's columns.
        """
        import pandera.pandas as pandera

        check = pandera.Check(
            lambda rows: self.holds(rows).fillna(True).astype(bool),
            name=self.info.id,
            error=self.info.title,
            ignore_na=False,
        )
        return frame.index[~check(frame).check_output.to_numpy(dtype=bool)]


def prepare() -> None:
    """Import what judging by rules needs; pandera imports the larger part at its first check."""
    import pandas as pd
    import pandera.pandas as pandera
    import shapely  # noqa: F401

    load()
    pandera.Check(lambda rows: rows["none"].isna())(pd.DataFrame({"none": []}))


@cache
def load() -> dict[str, Rule]:
    """All rules by id, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    rules = (_read(importlib.import_module(f"{__name__}.{name}")) for name in names)
    return {rule.info.id: rule for rule in rules}


def _read(module: Any) -> Rule:
    text = inspect.cleandoc(module.__doc__)
    title, _, explanation = text.partition("\n")
    id = module.__name__.rpartition(".")[2].replace("_", "-")
    facts: dict[str, Column] = getattr(module, "FACTS", {})
    of_texts = module.NEEDS == (EVERY_TEXT,)
    columns: dict[str, Column | None] = {}
    for name in ("text",) if of_texts else module.NEEDS:
        columns[name] = Lookup(name) if "." in name else None
    columns |= facts
    return Rule(
        info=RuleInfo(
            id, Severity(module.SEVERITY), title.rstrip("."), explanation.strip(), module.TABLES
        ),
        field=None if of_texts else module.FIELD,
        columns=columns,
        of_texts=of_texts,
        holds=module.holds,
        explain=module.explain,
        passes=tuple(_rows(explanation, "Passes")),
        fails=tuple(_rows(explanation, "Fails")),
    )


def _rows(text: str, label: str) -> Iterator[dict[str, Any]]:
    """The sample rows of a docstring's block; a row may go on, further indented, on more lines."""
    block = re.search(rf"^{label}::\n\n((?:    .*\n?)+)", text, re.MULTILINE)
    for row in re.split(r"\n(?=    \S)", block.group(1)) if block else ():
        yield json.loads(row)
