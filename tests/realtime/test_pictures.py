"""Pictures on the wire, for servers that take some."""

from __future__ import annotations

import json

import pytest

from satellite.conversation import commands
from satellite.realtime.config import LinkConfig
from satellite.realtime.dialect import Dialect
from satellite.realtime.dialects import AZURE, BETA, GA, LOCALAI, QWEN

PICTURE = commands.AddPicture("picture_1", "data:image/png;base64,AA==", "What it is.")
LOOK = commands.Tool("look", "Look.", {"type": "object"}, shows_pictures=True)
OTHER = commands.Tool("look_up", "Look up.", {"type": "object"})


def test_it_is_an_item_of_the_user_with_what_it_is() -> None:
    message = GA.encode(PICTURE)
    assert message is not None
    assert json.loads(message) == {
        "type": "conversation.item.create",
        "item": {
            "id": "picture_1",
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What it is."},
                {
                    "type": "input_image",
                    "image_url": "data:image/png;base64,AA==",
                    "detail": "auto",
                },
            ],
        },
    }


def test_a_typed_question_has_its_picture_with_it() -> None:
    question = commands.SendUserText("What is this?", PICTURE.image_url)
    kinds = [part["type"] for part in json.loads(GA.encode(question) or "")["item"]["content"]]
    assert kinds == ["input_text", "input_image"]
    plain = json.loads(GA.encode(commands.SendUserText("What is this?")) or "")
    assert [part["type"] for part in plain["item"]["content"]] == ["input_text"]


@pytest.mark.parametrize(
    ("dialect", "images"),
    [(GA, True), (AZURE, True), (GA.other, False), (BETA, False), (LOCALAI, False), (QWEN, False)],
)
def test_only_a_server_that_takes_pictures_is_offered_to_look(
    dialect: Dialect, images: bool
) -> None:
    tools = dialect.session(LinkConfig(tools=(LOOK, OTHER)))["tools"]
    names = [tool.get("function", tool)["name"] for tool in tools]
    assert names == (["look", "look_up"] if images else ["look_up"])
    assert (dialect.encode(PICTURE) is not None) == images


def test_a_model_that_cannot_see_is_not_offered_to_look() -> None:
    (tool,) = GA.session(LinkConfig(tools=(LOOK, OTHER), images=False))["tools"]
    assert tool["name"] == "look_up"
