"""The recogniser's process: ``python -m satellite.local_server.asr.recogniser_worker``."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

import msgspec

from satellite.core.child_processes import belong_to_who_asks
from satellite.local_server.worker import Numbered, serve

if TYPE_CHECKING:
    from satellite.local_server.asr.recogniser import Ears


class Request(Numbered):
    """``pcm`` empty: only learn the grammar of ``tools`` (JSON) under the name ``key``."""

    key: str
    tools: bytes
    pcm: bytes


class Answer(Numbered):
    text: str = ""
    understood: bool = False
    doubtful: bool = False
    failure: str = ""


def hear(ears: Ears, request: Request) -> Answer:
    try:
        ears.learn(request.key, msgspec.json.decode(request.tools))
        if not request.pcm:
            return Answer(request.number)
        heard = ears.hear(request.key, request.pcm)
    except (RuntimeError, ValueError, LookupError) as error:
        return Answer(request.number, failure=str(error) or repr(error))
    return Answer(request.number, heard.text, heard.understood, heard.doubtful)


def main() -> int:
    belong_to_who_asks()
    from satellite.local_server.asr.recogniser import (
        Ears,  # the server itself reads only the messages
    )

    return serve(Request, functools.partial(hear, Ears()))


if __name__ == "__main__":
    sys.exit(main())
