"""Expectations about templates alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from satellite.homeassistant.inbound import NO_JSON, parse_json
from satellite.homeassistant.templates.errors import TemplateBroken, TemplateFailed, TemplateSyntax
from satellite.homeassistant.templates.template import compile_template
from tests.corpus_check.tally import Json, Tally


def check_templates(kind: str, records: Iterable[Json]) -> Tally:
    tally = Tally(kind)
    for record in records:
        if "varies" in record:
            continue
        where = f"{record['template'][:120]!r} with {record['payload'][:60]!r}"
        if "error" in record:
            wanted: object = ("error", record["error"])
        elif record.get("template_error"):
            wanted = ("template error", record["rendered"])
        else:
            wanted = ("rendered", record["rendered"])
        tally.note(where, wanted, _render(record["template"], record["payload"]))
    return tally


def _render(source: str, payload: str) -> tuple[str, str]:
    names: dict[str, Any] = {"value": payload}
    value = parse_json(payload)
    if value is not NO_JSON:
        names["value_json"] = value
    try:
        return "rendered", compile_template(source).render(names)
    except TemplateSyntax:
        return "error", "TemplateError"
    except TemplateBroken:
        return "template error", payload
    except TemplateFailed as failed:
        return "error", type(failed.__cause__).__name__
