"""``scripts/cost``: the tables of ``docs/cost.md``, by the prices that the satellite counts by.

Commands and talk are arithmetic; the evening with a television is played by the real conversation
and gate (``evening``).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from msgspec.structs import replace

from satellite.conversation.events.local import ListenMode
from satellite.conversation.events.server import AnyUsage, TranscriptUsage, Usage
from satellite.conversation.prices import PRICES
from satellite.conversation.spending import SpendingMeter, cost_usd, transcript_cost_usd
from satellite.settings.sections import RealtimeSection, SpendingSection
from scripts.benchmarks.evening.satellite_at import spend
from scripts.benchmarks.evening.server import (
    CALL_TOKENS,
    HEARD_MS_PER_TOKEN,
    PREFIX_TOKENS,
    REPLY_TEXT_TOKENS,
    RESULT_TOKENS,
    SPOKEN_MS_PER_TOKEN,
)

PAGE = Path(__file__).parents[2] / "docs" / "cost.md"
SMALL, LARGE = RealtimeSection().model, "gpt-realtime-2.1"
RECOGNISER = "gpt-transcribe"
COMMAND_MS, SHORT_REPLY_MS, TALK_REPLY_MS = 4_000, 3_000, 7_000
TEXT_TOKENS_PER_S = REPLY_TEXT_TOKENS * 1000 / SHORT_REPLY_MS
CACHED = 0.6
"""The part of what was sent before that is found in the cache again, in a talk with pauses."""
TURNS = 100
TURNS_OF_A_CONVERSATION = 3
DAYS_OF_A_MONTH = 30
COMMANDS_OF_A_DAY = 40
TALK_OF_A_DAY = 20
"""Turns, in conversations of three."""

Cost = Callable[[str], float]
"""USD with a model."""


def reply(*, before: Usage, length_ms: int = SHORT_REPLY_MS, cached: float = 0.0) -> Usage:
    """A spoken reply to a turn of four seconds; ``before`` is all input besides that turn."""
    return replace(
        before,
        input_audio=before.input_audio + COMMAND_MS // HEARD_MS_PER_TOKEN,
        cached_text=round(cached * before.input_text),
        cached_audio=round(cached * before.input_audio),
        output_audio=length_ms // SPOKEN_MS_PER_TOKEN,
        output_text=round(TEXT_TOKENS_PER_S * length_ms / 1000),
    )


PREFIX = Usage(input_text=PREFIX_TOKENS)


def answer(model: str, cached: float = 0.0) -> float:
    """A question that is answered without a function."""
    return cost_usd(reply(before=PREFIX, cached=cached), PRICES[model])


def command(model: str, cached: float = 0.0) -> float:
    """A call, then a reply about its result."""
    turn = COMMAND_MS // HEARD_MS_PER_TOKEN
    call = Usage(PREFIX_TOKENS, turn, round(cached * PREFIX_TOKENS), output_text=CALL_TOKENS)
    told = Usage(PREFIX_TOKENS + CALL_TOKENS + RESULT_TOKENS)
    return sum(cost_usd(one, PRICES[model]) for one in (call, reply(before=told, cached=cached)))


def transcript(_: str) -> float:
    return transcript_cost_usd(TranscriptUsage(seconds=COMMAND_MS / 1000), PRICES[RECOGNISER])


def talk(model: str, turns: int = TURNS, of_a_conversation: int = TURNS) -> float:
    """Turns with replies of seven seconds; a conversation begins with nothing before it."""
    usd, before = 0.0, PREFIX
    for turn in range(turns):
        if turn % of_a_conversation == 0:
            before = PREFIX
        usage = reply(before=before, length_ms=TALK_REPLY_MS, cached=CACHED)
        usd += cost_usd(usage, PRICES[model])
        before = Usage(usage.input_text + usage.output_text, usage.input_audio + usage.output_audio)
    return usd


@cache
def evening(mode: ListenMode, *, may_stay_silent: bool) -> tuple[AnyUsage, ...]:
    """All that is billed of three hours with a television, and a command each quarter of an hour.

    It does not depend on the model.
    """
    return tuple(spend(mode, may_stay_silent=may_stay_silent).spent)


def television(model: str, mode: ListenMode, *, may_stay_silent: bool = True) -> float:
    meter = SpendingMeter(PRICES[model], recogniser=PRICES[RECOGNISER])
    for usage in evening(mode, may_stay_silent=may_stay_silent):
        meter.add(usage, "today")
    return meter.today_usd("today")


def day(model: str) -> float:
    """Of a household: commands, a talk, and an evening with a television."""
    spoken = COMMANDS_OF_A_DAY * command(model, CACHED)
    talked = talk(model, TALK_OF_A_DAY, TURNS_OF_A_CONVERSATION)
    written = (COMMANDS_OF_A_DAY + TALK_OF_A_DAY) * transcript(model)
    return spoken + talked + written + television(model, "auto")


# --- tables ---------------------------------------------------------------------------------------


def commands_table() -> str:
    rows: dict[str, Cost] = {
        "a question, the first of a session": answer,
        "a question, instructions and functions in the cache": partial(answer, cached=1.0),
        "a command: a call and a reply, the first of a session": command,
        "a command, what comes before it in the cache": partial(command, cached=1.0),
        "its transcript": transcript,
    }
    return _table(rows, digits=4)


def talk_table() -> str:
    fresh = partial(talk, of_a_conversation=TURNS_OF_A_CONVERSATION)
    rows: dict[str, Cost] = {
        f"{TURNS} turns, one history": talk,
        f"{TURNS} turns, a new history after every {TURNS_OF_A_CONVERSATION}": fresh,
        f"the transcripts of {TURNS} turns": lambda model: TURNS * transcript(model),
    }
    return _table(rows)


def television_table() -> str:
    rows: dict[str, Cost] = {
        "`open`, each turn answered aloud": partial(television, mode="open", may_stay_silent=False),
        "`open`, with `stay_silent`": partial(television, mode="open"),
        "`auto`": partial(television, mode="auto"),
        "`wake`": partial(television, mode="wake"),
    }
    return _table(rows)


def household_table() -> str:
    rows: dict[str, Cost] = {
        "a day": day,
        "a month of such days": lambda model: DAYS_OF_A_MONTH * day(model),
        "a month at the daily limit": lambda _: DAYS_OF_A_MONTH * SpendingSection().daily_limit_usd,
    }
    return _table(rows)


TABLES: dict[str, Callable[[], str]] = {
    "command": commands_table,
    "talk": talk_table,
    "television": television_table,
    "household": household_table,
}


def _table(rows: dict[str, Cost], digits: int = 2) -> str:
    lines = [f"| USD | `{SMALL}` | `{LARGE}` |", "|---|---|---|"]
    for title, cost in rows.items():
        lines.append(f"| {title} | {cost(SMALL):.{digits}f} | {cost(LARGE):.{digits}f} |")
    return "\n".join(lines)


def with_tables(page: str, names: tuple[str, ...] = tuple(TABLES)) -> str:
    """The page with its tables as they are computed now."""
    for name in names:
        place = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
        assert place.search(page), f"there is no table {name}"
        page = place.sub(lambda _, name=name: f"{TABLES[name]()}\n", page, count=1)  # type: ignore[misc]
    return page


def main() -> None:
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
        return
    for name, table in TABLES.items():
        print(f"{name}\n\n{table()}\n")


if __name__ == "__main__":
    main()
