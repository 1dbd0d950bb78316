"""The recogniser's process: ``python -m satellite.local_server.asr.recogniser_worker``."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

import msgspec

from satellite.core.child_processes import follow_parent
from satellite.local_server.worker import Numbered, serve

if TYPE_CHECKING:
    from satellite.local_server.asr.recogniser import GrammarDecoder


class RecognitionRequest(Numbered):
    """``pcm`` empty: only learn the grammar of ``tools`` (JSON) under the name ``key``."""

    key: str
    tools: bytes
    pcm: bytes


class Recognition(Numbered):
    text: str = ""
    understood: bool = False
    doubtful: bool = False
    failure: str = ""


def hear(ears: GrammarDecoder, request: RecognitionRequest) -> Recognition:
    try:
        ears.learn(request.key, msgspec.json.decode(request.tools))
        if not request.pcm:
            return Recognition(request.number)
        heard = ears.hear(request.key, request.pcm)
    except (RuntimeError, ValueError, LookupError) as error:
        return Recognition(request.number, failure=str(error) or repr(error))
    return Recognition(request.number, heard.text, heard.understood, heard.doubtful)


def main() -> int:
    follow_parent()
    from satellite.local_server.asr.recogniser import (
        GrammarDecoder,  # the server itself reads only the messages
    )

    return serve(RecognitionRequest, functools.partial(hear, GrammarDecoder()))


if __name__ == "__main__":
    sys.exit(main())
