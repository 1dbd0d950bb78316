"""The newest picture of each camera of the settings, and the function by which the model looks.

Whoever may publish on a camera's topic decides what the model sees. So only JPEG and PNG are
passed on, nothing larger than ``MAX_PICTURE_BYTES`` is kept, and a picture is never an instruction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from satellite.core.pictures import (
    MAX_BASE64_BYTES,
    PictureError,
    check_size,
    data_uri,
    from_base64,
)
from satellite.tools import schema
from satellite.tools.execution.plan import Status
from satellite.tools.policy.rules import CameraRule
from satellite.tools.tool import HomeTool

LOOK = "look"
DESCRIPTION = (
    "Look at the newest picture of a camera. Call this when the person asks what is to be seen"
    " there, or who is there."
)
OLD_S = 60.0
"""Who is asked for at the door is gone after a minute."""


class _Picture(Struct):
    payload: bytes
    """As it came; empty when it was too large to be kept."""
    size_bytes: int
    came_s: float
    retained: bool


def function(cameras: Sequence[CameraRule]) -> HomeTool:
    which = schema.choice([one.name for one in cameras], "Which camera")
    parameters = schema.table({"camera": which}, required=("camera",))
    return HomeTool(LOOK, DESCRIPTION, parameters, shows_pictures=True)


class Cameras:
    """The newest picture of each camera."""

    def __init__(self, cameras: Sequence[CameraRule]) -> None:
        self._cameras = {one.name: one for one in cameras}
        self._newest: dict[str, _Picture] = {}
        """By topic."""
        self.topics = frozenset(one.topic for one in cameras)

    def take(self, topic: str, payload: bytes, retained: bool, now_s: float) -> None:
        """A message on one of ``topics``. An empty one takes the picture back."""
        if not payload:
            self._newest.pop(topic, None)
            return
        kept = payload if len(payload) <= MAX_BASE64_BYTES else b""
        self._newest[topic] = _Picture(kept, len(payload), now_s, retained)

    def look(self, name: str, now_s: float) -> tuple[Mapping[str, Any], str]:
        """The result for the model, and the picture that follows it, as a data URI or empty."""
        camera = self._cameras[name]
        newest = self._newest.get(camera.topic)
        if newest is None:
            return _without(Status.UNAVAILABLE, f"{name} has sent no picture so far.")
        try:
            picture = data_uri(_decoded(camera, newest))
        except PictureError as wrong:
            return _without(Status.REFUSED, f"The picture of {name} cannot be shown: it {wrong}.")
        told = {"status": Status.DONE.value, "picture": f"It comes next. {_age(newest, now_s)}"}
        return told, picture


def _decoded(camera: CameraRule, picture: _Picture) -> bytes:
    base64 = camera.encoding == "b64"
    if not picture.payload:
        check_size(picture.size_bytes * 3 // 4 if base64 else picture.size_bytes)
    return from_base64(picture.payload) if base64 else picture.payload


def _age(picture: _Picture, now_s: float) -> str:
    if picture.retained:
        return "The broker had kept it, so nobody knows how old it is: say so."
    age_s = now_s - picture.came_s
    if age_s < OLD_S:
        return f"It is {age_s:.0f} s old."
    return f"It is {age_s / 60:.0f} min old: say so."


def _without(status: Status, message: str) -> tuple[Mapping[str, Any], str]:
    return {"status": status.value, "message": message}, ""
