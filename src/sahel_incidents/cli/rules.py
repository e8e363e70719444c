"""`incidents rules`: what is checked, and why."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..problem import RuleInfo


def _complete(ctx: click.Context, param: click.Parameter, text: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from ..history.since import catalogue

    return [CompletionItem(i, help=r.title) for i, r in catalogue().items() if i.startswith(text)]


@click.command
@click.argument("id", required=False, shell_complete=_complete)
def command(id: str | None) -> None:
    """List every check, or explain one.

    \b
    Examples:
      incidents rules
      incidents rules bounds-follow-qualifier
    """
    from ..history.since import catalogue

    rules = catalogue()
    if id is None:
        width = max(map(len, rules))
        for rule in rules.values():
            click.echo(f"{rule.id:<{width}}  {rule.severity:<7}  {rule.title}")
    elif id in rules:
        click.echo(_explained(rules[id]))
    else:
        near = difflib.get_close_matches(id, rules, 1)
        hint = f"did you mean {near[0]}?" if near else "`incidents rules` lists them"
        raise click.BadParameter(f"there is no rule {id!r}: {hint}", param_hint="ID")


def _explained(rule: RuleInfo) -> str:
    tables = ", ".join(rule.tables) or "every table"
    return f"{rule.id} ({rule.severity}; {tables})\n\n{rule.title}.\n\n{rule.explanation}"
