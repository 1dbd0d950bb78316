"""All expectations of a folder, and a report of them for a person."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.corpus_check.devices import check_entities
from tests.corpus_check.lifecycle import check_lifecycle
from tests.corpus_check.tally import Json, Tally
from tests.corpus_check.texts import check_templates


def check_folder(folder: Path) -> list[Tally]:
    """Everything that the folder has expectations for.

    Raises:
        FileNotFoundError: a file is missing.
    """
    discovery = {record["id"]: record for record in read_lines(folder / "discovery.jsonl")}
    expectations = list(read_lines(folder / "expectations.jsonl"))
    return [
        *check_entities(discovery, expectations),
        check_templates("templates", read_lines(folder / "templates.jsonl")),
        check_templates("template semantics", read_lines(folder / "template_semantics.jsonl")),
        check_lifecycle(read_lines(folder / "lifecycle.jsonl")),
    ]


def read_lines(path: Path) -> Iterable[Json]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def report(tallies: Iterable[Tally]) -> tuple[str, bool]:
    """The text for a person, and whether everything holds."""
    lines, whole = [], True
    for tally in tallies:
        lines.append(f"{tally.kind}: {tally.held} of {tally.checked} hold")
        lines += [f"  {difference}" for difference in tally.differences]
        whole = whole and tally.held == tally.checked
    return "\n".join(lines), whole
