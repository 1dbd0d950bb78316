"""Expectations about what is left after announcements come, change and go."""

from __future__ import annotations

import json
from collections.abc import Iterable

from satellite.homeassistant.registry.registry import Registry
from tests.corpus_check.devices import ClockedHome
from tests.corpus_check.tally import Json, Tally


def check_lifecycle(records: Iterable[Json]) -> Tally:
    tally = Tally("life cycle")
    for record in records:
        home = ClockedHome()
        for number, step in enumerate(record["steps"]):
            payload = step["payload"]
            home.publish(
                step["topic"], payload if isinstance(payload, str) else json.dumps(payload)
            )
            wanted = sorted(step["entities_after"], key=lambda entity: str(entity["unique_id"]))
            tally.note(f"{record['id']} step {number}", wanted, _remaining(home.registry))
    return tally


def _remaining(registry: Registry) -> list[Json]:
    found: list[Json] = []
    for entity in registry:
        line: Json = {
            "domain": entity.platform,
            "unique_id": entity.unique_id,
            "name": entity.friendly_name if entity.enabled else None,
            "loaded": entity.enabled,
            "disabled": not entity.enabled,
        }
        if entity.enabled and entity.supports("turn_on"):
            line["turn_on_publishes_to"] = [message.topic for message in entity.call("turn_on")]
        found.append(line)
    found += [
        {"domain": domain, "unique_id": unique_id, "name": None, "loaded": False, "disabled": False}
        for domain, unique_id in registry.migrating
    ]
    return sorted(found, key=lambda line: str(line["unique_id"]))
