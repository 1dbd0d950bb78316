"""The model looks at the newest picture of a camera; publishers are not trusted."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.core.pictures import MAX_PICTURE_BYTES
from satellite.home.home import Home
from satellite.tools.effects import CallDone
from satellite.tools.policy.rules import CameraRule, OwnFunctionRule, Rules

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
DOOR = CameraRule("Front door", "cam/door")
GARDEN = CameraRule("Garden", "cam/garden", encoding="b64")


class Watched:
    """A home with two cameras."""

    def __init__(self) -> None:
        self.home = Home(Rules(cameras=(DOOR, GARDEN)))
        self.home.on_broker(True, 0.0)
        self._calls = 0

    def look(self, now_s: float, camera: str = "Front door") -> tuple[dict[str, Any], str]:
        self._calls += 1
        arguments = json.dumps({"camera": camera})
        effects = self.home.call(f"c{self._calls}", "look", arguments, 1, now_s)
        (done,) = [effect for effect in effects if isinstance(effect, CallDone)]
        return dict(done.result), done.picture


def test_the_newest_picture_follows_with_its_age() -> None:
    watched = Watched()
    watched.home.on_message("cam/door", PNG, False, 1.0)
    watched.home.on_message("cam/door", JPEG, False, 10.0)
    result, picture = watched.look(13.0)
    assert picture == "data:image/jpeg;base64," + base64.b64encode(JPEG).decode()
    assert (result["status"], result["picture"]) == ("done", "It comes next. It is 3 s old.")
    assert "message" not in result, "the next session is told messages, but has no picture"


def test_an_old_picture_and_one_of_unknown_age_say_so() -> None:
    watched = Watched()
    watched.home.on_message("cam/door", JPEG, True, 10.0)
    assert "nobody knows how old" in watched.look(11.0)[0]["picture"]
    watched.home.on_message("cam/door", JPEG, False, 10.0)
    assert "It is 12 min old: say so" in watched.look(10.0 + 12 * 60)[0]["picture"]


def test_base64_is_read_where_the_settings_say_so() -> None:
    watched = Watched()
    watched.home.on_message("cam/garden", base64.b64encode(PNG), False, 1.0)
    assert watched.look(2.0, "garden")[1] == (
        "data:image/png;base64," + base64.b64encode(PNG).decode()
    )
    watched.home.on_message("cam/garden", b"\xff\xd8\xff no base64", False, 3.0)
    assert watched.look(4.0, "Garden")[0]["status"] == "refused"


def test_without_a_picture_it_is_unavailable() -> None:
    watched = Watched()
    assert watched.look(1.0)[0]["status"] == "unavailable"
    watched.home.on_message("cam/door", JPEG, False, 2.0)
    watched.home.on_message("cam/door", b"", False, 3.0)
    assert watched.look(4.0) == (
        {"status": "unavailable", "message": "Front door has sent no picture so far."},
        "",
    )


@pytest.mark.parametrize("factor", [1, 3])
def test_a_picture_that_is_too_large_is_refused_with_its_size_and_not_kept(factor: int) -> None:
    watched = Watched()
    watched.home.on_message("cam/door", JPEG.ljust(factor * MAX_PICTURE_BYTES), False, 1.0)
    assert bool(watched.look(2.0)[1]) == (factor == 1)
    watched.home.on_message("cam/door", JPEG.ljust(factor * MAX_PICTURE_BYTES + 1000), False, 1.0)
    result, picture = watched.look(2.0)
    assert (result["status"], picture) == ("refused", "")
    assert f"has {factor * 512 + 1} kB, and 512 kB are taken" in result["message"]


@given(st.binary(max_size=300), st.sampled_from(["cam/door", "cam/garden"]), st.booleans())
def test_whatever_is_published_nothing_but_jpeg_and_png_is_shown(
    payload: bytes, topic: str, retained: bool
) -> None:
    watched = Watched()
    watched.home.on_message(topic, payload, retained, 1.0)
    name = "Front door" if topic == "cam/door" else "Garden"
    result, picture = watched.look(2.0, name)
    if picture:
        data = base64.b64decode(picture.partition(",")[2])
        assert data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
    assert bool(picture) == (result["status"] == "done")


def test_an_unknown_camera_is_no_call() -> None:
    assert Watched().look(1.0, "Bedroom")[0]["status"] == "invalid_arguments"


def test_nothing_is_subscribed_and_nothing_offered_without_a_camera() -> None:
    home = Home(Rules(own_functions=(OwnFunctionRule("look", "Mine.", "my/topic"),)))
    assert [one.description for one in home.functions() if one.name == "look"] == ["Mine."]
    assert not any(topic.startswith("cam/") for topic in home.discovery_topics)
    watched = Watched()
    assert {"cam/door", "cam/garden"} <= set(watched.home.discovery_topics)
    (look,) = [one for one in watched.home.functions() if one.name == "look"]
    assert look.parameters["properties"]["camera"]["enum"] == ["Front door", "Garden"]
    assert look.shows_pictures


def test_a_function_of_the_settings_gives_way_to_the_cameras() -> None:
    own = OwnFunctionRule("look", "Mine.", "my/topic")
    home = Home(Rules(own_functions=(own,), cameras=(DOOR,)))
    assert [one.description for one in home.functions() if one.name == "look"] != ["Mine."]
