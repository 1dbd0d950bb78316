"""The recorded behaviour of Home Assistant holds, and the check would notice if it did not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.corpus_check.__main__ import main
from tests.corpus_check.folder import check_folder, report

CORPUS = Path(__file__).parent / "corpus"
KINDS = {
    "accepted": 207,
    "entities": 2_000,
    "initial states": 190,
    "calls": 400,
    "states": 40,
    "templates": 600,
    "template semantics": 120,
    "life cycle": 20,
}


def test_every_recorded_expectation_holds() -> None:
    tallies = check_folder(CORPUS)
    assert [line for tally in tallies for line in tally.differences] == []
    checked = {tally.kind: tally.checked for tally in tallies}
    assert {kind: checked[kind] >= least for kind, least in KINDS.items()} == dict.fromkeys(
        KINDS, True
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "kind"),
    [
        ("expectations.jsonl", '\\"brightness\\":102', '\\"brightness\\":103', "calls"),
        ("expectations.jsonl", '"out_of_range"', '"out_of_luck"', "calls"),
        ("expectations.jsonl", '"color_mode": "xy"', '"color_mode": "yx"', "states"),
        ("expectations.jsonl", '"state": "heat_cool"', '"state": "off"', "initial states"),
        ("expectations.jsonl", '"accepted": false', '"accepted": true', "accepted"),
        ("expectations.jsonl", '"area": "Garage"', '"area": "Attic"', "entities"),
        ("template_semantics.jsonl", '"rendered": "40.5"', '"rendered": "4"', "template semantics"),
        ("lifecycle.jsonl", '"loaded": false', '"loaded": true', "life cycle"),
    ],
)
def test_a_wrong_expectation_is_found(
    tmp_path: Path, name: str, old: str, new: str, kind: str
) -> None:
    folder = tmp_path / "corpus"
    shutil.copytree(CORPUS, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    tallies = {tally.kind: tally for tally in check_folder(folder)}
    assert tallies[kind].held < tallies[kind].checked
    assert not report(tallies.values())[1]


def test_command_line_says_what_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CORPUS)]) == 0
    assert "calls: 410 of 410 hold" in capsys.readouterr().out
    assert main([]) == 2
    assert main(["/nowhere"]) == 2
    assert "discovery.jsonl is missing" in capsys.readouterr().err


def test_difference_ends_with_status_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "corpus"
    shutil.copytree(CORPUS, folder)
    line = {"template": "{{ value }}", "payload": "a", "rendered": "b"}
    (folder / "templates.jsonl").write_text(json.dumps(line) + "\n")
    assert main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert "templates: 0 of 1 hold" in out
    assert "wanted ('rendered', 'b'), got ('rendered', 'a')" in out
