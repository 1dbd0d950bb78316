"""Keeps ALSA from loading what no satellite needs.

PortAudio opens every PCM that ALSA knows, to see what it can do. Debian's ``libasound2-plugins``
has one, the A52 encoder, that pulls in all of FFmpeg: some sixty libraries, 13 MB of memory and
more than half of PortAudio's start (measured in docs/audio.md). ALSA takes its plugins from the
folder in ``ALSA_PLUGIN_DIR``, so it is given one without that encoder.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

UNWANTED = ("libasound_module_pcm_a52.so",)
VARIABLE = "ALSA_PLUGIN_DIR"
RESERVED = "/nonexistent"
"""What stands there until the folder is known."""


def reserve() -> None:
    """Makes room for the variable in the environment; to be called while there is one thread.

    A variable that is added makes C move the whole environment, and whoever reads it in another
    thread at that moment (an import asks for many) reads freed memory: of some 200 starts one ended
    with SIGSEGV in ``getenv``. To change one that is there moves nothing.
    """
    os.environ.setdefault(VARIABLE, RESERVED)


def spare_plugins(maps: Path = Path("/proc/self/maps")) -> Path | None:
    """Points ALSA to a folder with all plugins but the unwanted ones; returns it.

    Call it after libasound was loaded and before it opens anything: ALSA looks at the variable
    once. Does nothing (``None``) where the person has set the variable, or nothing unwanted is
    installed. The folder goes with the process.
    """
    if os.environ.get(VARIABLE, RESERVED) != RESERVED:
        return None
    folder = _plugin_folder(maps)
    if folder is None:
        os.environ.pop(VARIABLE, None)
        return None
    os.environ[VARIABLE] = str(folder)  # where ALSA looks by itself
    if not any((folder / name).exists() for name in UNWANTED):
        return None
    try:
        spared = Path(tempfile.mkdtemp(prefix="satellite-alsa-"))
        atexit.register(shutil.rmtree, spared, ignore_errors=True)
        for plugin in folder.iterdir():
            if plugin.name not in UNWANTED:
                (spared / plugin.name).symlink_to(plugin)
    except OSError:
        return None  # a full or forbidden /tmp: then it costs memory, as everywhere else
    os.environ[VARIABLE] = str(spared)
    return spared


def _plugin_folder(maps: Path) -> Path | None:
    """Where the loaded libasound has its plugins: ``alsa-lib`` beside the library."""
    try:
        lines = maps.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        library = Path(line.split(maxsplit=5)[-1])
        if library.name.startswith("libasound.so"):
            folder = library.parent / "alsa-lib"
            return folder if folder.is_dir() else None
    return None
