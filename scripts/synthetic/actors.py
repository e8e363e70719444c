"""The parties of invented incidents: numbered groups, and the forces of real countries."""

from __future__ import annotations

from random import Random

from .places import Row


class Actors:
    """The actors named so far; asking for one enters it."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._rows: dict[str, Row] = {}

    @property
    def rows(self) -> list[Row]:
        """The row of each actor that was asked for."""
        return list(self._rows.values())

    def forces(self, country: str) -> str:
        """The id of a country's armed forces."""
        name = f"Armed forces of {country}"
        return self._actor(f"forces-{country.lower()}", name, "state_force", country)

    def government(self, country: str) -> str:
        """The id of a country's government."""
        name = f"Government of {country}"
        return self._actor(f"government-{country.lower()}", name, "state_body", country)

    def attacker(self, event: str) -> str:
        """The id of someone who may have done it, an armed group more often than not."""
        rng = self._rng
        chance = rng.random()
        if chance < 0.15:
            return self._actor("unidentified", "Unidentified armed men", "unidentified")
        if chance < 0.2 or event == "air_or_drone_strike":
            number = rng.randint(1, 4)
            return self._actor(f"foreign-{number}", f"Foreign force {number}", "foreign_force")
        if chance < 0.28:
            number = rng.randint(1, 6)
            return self._actor(f"militia-{number}", f"Self-defence militia {number}", "militia")
        number = int(12 * rng.random() ** 2) + 1
        return self._actor(f"group-{number}", f"Armed group {number}", "non_state_armed_group")

    def _actor(self, id: str, name: str, kind: str, country: str = "") -> str:
        if id not in self._rows:
            self._rows[id] = {"actor_id": id, "name": name, "kind": kind, "country": country}
        return id
