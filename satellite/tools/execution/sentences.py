"""Results as English sentences, short enough to be spoken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from satellite.tools.execution.plan import DeviceOutcome, Status
from satellite.tools.state_reports.report import duration, phrase
from satellite.tools.text.cleaning import STATE_CHARS, spoken_list
from satellite.tools.text.prompt_injection import reads_like_an_instruction

MAX_SENTENCES = 8
"""With more sentences than this the states are left out, and only the statuses are told."""

Groups = dict[tuple[Status, str], list[DeviceOutcome]]


def describe(outcomes: Iterable[DeviceOutcome]) -> str:
    """One sentence for each kind of outcome; devices that share it are named together."""
    groups: Groups = defaultdict(list)
    for outcome in outcomes:
        groups[(outcome.status, _ending(outcome))].append(outcome)
    if len(groups) > MAX_SENTENCES:
        kinds: Groups = defaultdict(list)
        for (status, _), group in groups.items():
            kinds[(status, "")] += group
        groups = kinds
    return " ".join(_sentence(status, ending, group) for (status, ending), group in groups.items())


_OF_A_STATE = (Status.DONE, Status.ALREADY, Status.FAILED, Status.NOT_CONFIRMED)


def _ending(outcome: DeviceOutcome) -> str:
    if outcome.status in _OF_A_STATE:
        return _state_and_age(dict(outcome.facts)) if "state" in outcome.facts else ""
    if outcome.status in (Status.REFUSED, Status.INVALID_ARGUMENTS, Status.UNAVAILABLE):
        return outcome.message
    return ""


def _state_and_age(facts: dict[str, Any]) -> str:
    if "age_s" not in facts:
        return phrase(facts)
    least = "at least " if facts.get("age_at_least") else ""
    return f"{phrase(facts)}, as it was said {least}{duration(facts['age_s'])} ago"


def _sentence(status: Status, ending: str, group: Sequence[DeviceOutcome]) -> str:
    names = spoken_list(outcome.device for outcome in group)
    be = "is" if len(group) == 1 else "are"
    match status:
        case Status.DONE if "answer" in group[0].facts:
            return " ".join(map(_answer, group))
        case Status.DONE:
            return f"{names} {be} {ending}." if ending else f"{names}: done."
        case Status.SENT:
            return f"Sent to {names}; no report comes back from there."
        case Status.ALREADY if ending:
            return f"{names} {be} already {ending}; nothing new was said."
        case Status.ALREADY:
            return f"{names} {be} so already; nothing new was said."
        case Status.FAILED:
            return f"{names} could not do it: {ending}."
        case Status.NOT_CONFIRMED if group[0].facts.get("underway") and ending:
            return f"{names} {be} {ending}; the end of it is not confirmed yet."
        case Status.NOT_CONFIRMED:
            said = f"; the last known state is {ending}" if ending else ""
            return f"{names} did not confirm it{said}."
        case Status.UNAVAILABLE:
            return f"{names}: {ending}" if ending else f"{names} {be} not reachable."
        case Status.UNKNOWN_DEVICE:
            return _unknown(group)
        case _:
            return f"{names}: {ending}" if ending else f"{names}: {status.value.replace('_', ' ')}."


def _answer(outcome: DeviceOutcome) -> str:
    """What a function of the settings came back with."""
    answer = str(outcome.facts["answer"])
    if len(answer) > STATE_CHARS or reads_like_an_instruction(answer):
        return f"{outcome.device} answered; the answer has the words."
    return f"{outcome.device} answered: {answer.rstrip('.')}."


def _unknown(group: Sequence[DeviceOutcome]) -> str:
    sentences = []
    for outcome in group[:MAX_SENTENCES]:
        if outcome.message:
            sentences.append(outcome.message)
        elif outcome.nearest:
            near = spoken_list(outcome.nearest)
            sentences.append(f"There is no {outcome.device} here; the nearest names are {near}.")
        else:
            sentences.append(f"There is no {outcome.device} here.")
    if len(group) > MAX_SENTENCES:
        sentences.append(f"{len(group) - MAX_SENTENCES} more names mean nothing here either.")
    return " ".join(sentences)
