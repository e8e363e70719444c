"""`incidents plot`: the dataset in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import complete_ids, root_of, selecting

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..records import Records
    from ..views.search import Query

_KINDS = ("map", "timeline", "tolls")


@click.command
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("id", required=False, shell_complete=complete_ids("incidents"))
@click.option(
    "--harm",
    "harms",
    multiple=True,
    help="With tolls: only figures of this harm, such as killed; may be given again.",
)
@selecting
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, .svg or .png. Default: KIND.svg or ID.svg in the current folder.",
)
def command(
    kind: str, id: str | None, harms: tuple[str, ...], query: Query, output: Path | None
) -> None:
    """Draw a map, a timeline, or the rival tolls of one incident.

    \b
    map       each incident that has coordinates, by who attacked
    timeline  how many incidents are recorded of each month, by who attacked
    tolls     each figure of the incident ID: the number, who said it, where it stands

    Colours can be told apart by colour-blind readers and go with shapes. No picture adds up people.

    \b
    Examples:
      incidents plot tolls MLI-2025-06-01-boulikessi --harm killed
      incidents plot map --country Mali --output mali.png
      incidents plot timeline --actor JNIM --from 2019
    """
    if (kind == "tolls") != bool(id):
        raise click.UsageError("tolls needs the ID of an incident; map and timeline take none")
    output = output or Path(f"{id or kind}.svg")
    form = output.suffix.lower().removeprefix(".")
    from ..plots import FORMATS

    if form not in FORMATS:
        raise click.BadParameter(
            f"{output.name} ends neither in .svg nor in .png", param_hint="--output"
        )
    from ..descriptor import open_package
    from ..files import write_whole
    from ..plots import rendered, style
    from ..records import Records
    from ..store import check_clean

    root = root_of(None)
    check_clean(root)
    records = Records.read(open_package(root))
    with style():
        picture = _tolls(records, id, harms) if id else _many(kind, records, query)
        write_whole(output, rendered(picture, form))
    click.echo(f"drawn: {output}")


def _tolls(records: Records, id: str, harms: tuple[str, ...]) -> Figure:
    from ..plots import tolls
    from ..views.resolve import expect

    known = records.package.tables["casualties"].field("harm").vocabulary
    for harm in harms:
        if harm not in known:
            raise click.BadParameter(
                f"{harm!r} is no harm; there are {', '.join(known)}", param_hint="--harm"
            )
    expect(records, "incidents", id)
    return tolls.draw(records, id, harms)


def _many(kind: str, records: Records, query: Query) -> Figure:
    from ..plots import map as map_of_incidents
    from ..plots import timeline
    from ..problem import ToolError
    from ..views.search import search

    result = search(records, query)
    if not result.hits:
        raise ToolError(
            "no incident is so", "; ".join(result.hints) or "incidents find shows what there is"
        )
    draw = map_of_incidents.draw if kind == "map" else timeline.draw
    return draw(records, [hit.row for hit in result.hits])
