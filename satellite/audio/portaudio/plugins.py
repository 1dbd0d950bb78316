"""Keeps ALSA from loading a plugin that no satellite needs.

PortAudio opens every PCM that ALSA knows, to see what it can do. Debian's ``libasound2-plugins``
has one, the A52 encoder, that pulls in all of FFmpeg: some sixty libraries, 13 MB of memory and
more than half of PortAudio's start (measured in docs/audio.md). ALSA takes its plugins from the
folder in ``ALSA_PLUGIN_DIR``, so it is given one without that encoder.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import shutil
from pathlib import Path

UNWANTED = ("libasound_module_pcm_a52.so",)
VARIABLE = "ALSA_PLUGIN_DIR"


def leave_out_plugins(maps: Path = Path("/proc/self/maps")) -> Path | None:
    """Points ALSA to a folder with all plugins but the unwanted ones; returns it. Returns None
    where the variable is set already, or nothing unwanted is installed. The folder is removed when
    the process ends.

    Call it before ALSA opens anything, because ALSA reads the variable once, and while there is one
    thread: a new variable makes C move the whole environment, and another thread that reads one at
    that moment (an import reads many) reads freed memory. Of some 200 starts one ended with SIGSEGV
    in ``getenv``.
    """
    if VARIABLE in os.environ:
        return None
    with contextlib.suppress(OSError):  # there is no ALSA
        ctypes.CDLL("libasound.so.2")  # a millisecond; PyAudio would load it a moment later
    folder = _plugin_folder(maps)
    if folder is None or not any((folder / name).exists() for name in UNWANTED):
        return None
    try:
        # tempfile would first write a file there to see whether it may, and a stop would leave it.
        kept = Path(os.environ.get("TMPDIR") or "/tmp", f"satellite-alsa-{os.urandom(6).hex()}")
        atexit.register(shutil.rmtree, kept, ignore_errors=True)  # a stop may come right now
        kept.mkdir(mode=0o700)
        for plugin in folder.iterdir():
            if plugin.name not in UNWANTED:
                (kept / plugin.name).symlink_to(plugin)
    except OSError:
        return None  # a full or forbidden /tmp: then it costs memory, as everywhere else
    os.environ[VARIABLE] = str(kept)
    return kept


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
