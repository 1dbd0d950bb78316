"""Finds the entity at which the home process ended unexpectedly, and sets it aside.

The entity that is being handled is written to a small file that is mapped into memory: that costs
no system call, and it survives the process however that ends (killed for its memory, or because it
did not answer). The next process of the same boot reads it. Under systemd the file is in
``RuntimeDirectory=``, which is not on a flash card; else in the folder of the state.

The process may be killed for other reasons, so an entity is set aside for an hour after the first
end, for a day after the second, and from the third on until it announces something else.
"""

from __future__ import annotations

import logging
import mmap
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from satellite.core.statefile import StateFile, state_folder
from satellite.homeassistant.crash_record import Mark

log = logging.getLogger(__name__)

MARKER_NAME = "at-work"
LIST_NAME = "set-aside.json"
MARKER_BYTES = 4_096
MAX_TOPIC_CHARS = 300
MAX_COMPONENT_CHARS = 100
MOST = 50
"""Entries in the list; the oldest are dropped."""
MOST_TEXTS = 4_000
PAUSES_S = (3_600.0, 86_400.0)
"""After the first and the second end."""
FORGOTTEN_S = 7 * 86_400.0
"""An entry is dropped so long after its pause."""


class Entry(msgspec.Struct):
    """An entity that is, or was, set aside."""

    topic: str
    component: str
    digest: str
    deaths: int
    until_s: float | None
    """Seconds since 1970; None: until it announces something else."""

    def is_about(self, mark: Mark) -> bool:
        return (self.topic, self.component, self.digest) == mark


class FileCrashRecord:
    """The ``CrashRecord`` in files. ``clock`` gives seconds since 1970.

    ``on_problem`` gets a sentence for each entity that is set aside; empty when none is.
    """

    def __init__(
        self,
        folders: tuple[Path | None, Path | None],
        *,
        boot_id: str = "",
        clock: Callable[[], float] = time.time,
        on_problem: Callable[[str], None] = lambda text: None,  # noqa: ARG005
    ) -> None:
        runtime, state = folders
        self._clock = clock
        self._on_problem = on_problem
        self._file = StateFile(state, LIST_NAME, "The list of devices that are set aside")
        self._entries = self._read()
        self._left_out: dict[tuple[str, str], str] = {}
        self._texts: dict[Mark, bytes] = {}
        """As they are written to the file."""
        self._map = _map_marker(runtime or state)
        self._boot_id = boot_id.encode()[:64]
        if self._map is not None:
            last = _marked(self._map, self._boot_id)
            self.end()
            if last is not None:
                self._blame(last)

    # What is handled ---------------------------------------------------------------------------

    def begin(self, mark: Mark) -> None:
        if self._map is None:
            return
        text = self._texts.get(mark)
        if text is None:
            text = self._text(mark)
        self._map[2 : 2 + len(text)] = text
        self._map[:2] = len(text).to_bytes(2, "big")  # last, so that it is never half a text

    def _text(self, mark: Mark) -> bytes:
        if len(self._texts) > MOST_TEXTS:
            self._texts.clear()
        parts = (part.encode("utf-8", "replace") for part in short(mark))
        text = self._texts[mark] = b"\0".join((self._boot_id, *parts))
        return text

    def end(self) -> None:
        if self._map is not None:
            self._map[:2] = b"\0\0"

    def why_set_aside(self, mark: Mark) -> str:
        mark = short(mark)
        place = (mark.topic, mark.component)
        for entry in [one for one in self._entries if one.topic == mark.topic]:
            if entry.digest != mark.digest:
                self._forget(entry)
            elif entry.is_about(mark) and (entry.until_s is None or self._clock() < entry.until_s):
                self._left_out[place] = _sentence(entry)
                self._tell()
                return self._left_out[place]
        if self._left_out.pop(place, None):
            self._tell()
        return ""

    # What is set aside -------------------------------------------------------------------------

    def tell(self, on_problem: Callable[[str], None]) -> None:
        """Sets ``on_problem``, and calls it at once if an entity is set aside."""
        self._on_problem = on_problem
        if self._left_out:
            self._tell()

    def _tell(self) -> None:
        self._on_problem(" ".join(self._left_out.values()))

    def _blame(self, mark: Mark) -> None:
        known = next((entry for entry in self._entries if entry.is_about(mark)), None)
        deaths = 1 if known is None else known.deaths + 1
        pause_s = PAUSES_S[deaths - 1] if deaths <= len(PAUSES_S) else None
        until_s = None if pause_s is None else self._clock() + pause_s
        entry = Entry(*mark, deaths=deaths, until_s=until_s)
        self._entries = [*(one for one in self._entries if one is not known), entry][-MOST:]
        self._write()
        self._left_out[mark.topic, mark.component] = _sentence(entry)
        log.error("%s", _sentence(entry))

    def _forget(self, entry: Entry) -> None:
        self._entries.remove(entry)
        self._left_out.pop((entry.topic, entry.component), None)
        self._write()
        self._tell()

    def _read(self) -> list[Entry]:
        kept = self._file.read().get("devices", [])
        try:
            entries = msgspec.convert(kept, list[Entry])
        except msgspec.ValidationError as wrong:
            log.warning("The list of devices that are set aside is not understood: %s", wrong)
            return []
        now_s = self._clock()
        return [
            entry
            for entry in entries[-MOST:]
            if entry.until_s is None or now_s < entry.until_s + FORGOTTEN_S
        ]

    def _write(self) -> None:
        self._file.write({"devices": msgspec.to_builtins(self._entries)})


def short(mark: Mark) -> Mark:
    """With names cut to fit into the file; the digest identifies the entity."""
    component = mark.component.replace("\0", " ")[:MAX_COMPONENT_CHARS]
    return Mark(mark.topic[:MAX_TOPIC_CHARS], component, mark.digest)


def crash_record(environment: Mapping[str, str]) -> FileCrashRecord:
    """With the folders that systemd provides, and the id of this boot."""
    runtime = environment.get("RUNTIME_DIRECTORY", "").split(":")[0]
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        boot_id = ""
    return FileCrashRecord(
        (Path(runtime) if runtime else None, state_folder(environment)), boot_id=boot_id
    )


def _sentence(entry: Entry) -> str:
    part = f" (its part {entry.component[:40]!r})" if entry.component else ""
    pause = {1: "for an hour", 2: "for a day"}.get(entry.deaths, "until it announces itself anew")
    return (
        f"The satellite died while it worked at the device of {entry.topic!r}{part}. That is left "
        f"out {pause}. Mend its templates, or remove what it has announced: mosquitto_pub -r -n "
        f"-t {entry.topic!r}."
    )


def _map_marker(folder: Path | None) -> mmap.mmap | None:
    """The mapped file. Its space is allocated first: writing would be fatal without."""
    if folder is None:
        return None
    try:
        descriptor = os.open(folder / MARKER_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, MARKER_BYTES)
            return mmap.mmap(descriptor, MARKER_BYTES)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        log.warning("What is worked at cannot be noted in %s: %s", folder / MARKER_NAME, error)
        return None


def _marked(marker: mmap.mmap, boot_id: bytes) -> Mark | None:
    """What a process of the same boot was handling when it ended."""
    length = int.from_bytes(marker[:2], "big")
    parts: list[Any] = marker[2 : 2 + length].decode("utf-8", "replace").split("\0")
    if not length or len(parts) != 4 or parts[0].encode() != boot_id:
        return None
    return Mark(*parts[1:])
