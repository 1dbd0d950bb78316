"""The whole daemon and a model that looks at a camera of the home."""

from __future__ import annotations

import asyncio
import base64
import json

from satellite.core.pictures import MAX_PICTURE_BYTES
from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer

CAMERAS = [{"name": "Front door", "topic": "cameras/door"}]
JPEG = b"\xff\xd8\xff\xe0".ljust(MAX_PICTURE_BYTES, b"\x5a")
"""As large as one may be."""
PNG = b"\x89PNG\r\n\x1a\n".ljust(MAX_PICTURE_BYTES, b"\x5a")


def test_the_model_is_shown_what_the_camera_sees_before_it_answers() -> None:
    asyncio.run(_looked())


async def _looked() -> None:
    settings = {"SATELLITE_HOME__CAMERAS": json.dumps(CAMERAS)}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=settings) as stage,
    ):
        await stage.listening()
        await server.until(
            lambda: any(
                tool["name"] == "look"
                for one in server.since(0.0, "session.update")
                for tool in one.event["session"].get("tools", ())
            )
        )
        assert stage.observer is not None
        await stage.observer.publish("cameras/door", JPEG)
        # What one client publishes comes in its order, so the picture is there with the question.
        question = {"text": "Is she at the door?", "picture": base64.b64encode(PNG).decode()}
        await stage.observer.publish("satellite/demo/ask/set", json.dumps(question))
        await server.until(lambda: bool(server.since(0.0, "response.create")))
        called_s = await server.call("resp_l", "look", {"camera": "Front door"})
        await server.until(lambda: bool(server.since(called_s, "response.create")))
        asked = server.since(0.0, "conversation.item.create")
        sent = [one.event for one in server.log if one.at_s >= called_s]
    kinds = ("conversation.item.create", "response.create")
    told = [one for one in sent if one["type"] in kinds]
    questions = [one.event["item"] for one in asked if one.event["item"].get("role") == "user"]
    assert [part["type"] for part in questions[0]["content"]] == ["input_text", "input_image"]
    result, picture, request = [one for one in told if one.get("item", {}).get("role") != "system"]
    assert json.loads(result["item"]["output"])["status"] == "done"
    note, image = picture["item"]["content"]
    assert (picture["item"]["role"], note["type"]) == ("user", "input_text")
    assert image["image_url"] == "data:image/jpeg;base64," + base64.b64encode(JPEG).decode()
    assert request["type"] == "response.create"
