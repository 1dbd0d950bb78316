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
    """Recognises ``pcm`` by the grammar of ``tools`` (JSON), whose name is ``key``; with empty
    ``pcm`` only builds the grammar."""

    key: str
    tools: bytes
    pcm: bytes


class Recognition(Numbered):
    text: str = ""
    understood: bool = False
    uncertain: bool = False
    failure: str = ""


def answer(decoder: GrammarDecoder, request: RecognitionRequest) -> Recognition:
    try:
        decoder.learn(request.key, msgspec.json.decode(request.tools))
        if not request.pcm:
            return Recognition(request.number)
        heard = decoder.recognise(request.key, request.pcm)
    except (RuntimeError, ValueError, LookupError) as error:
        return Recognition(request.number, failure=str(error) or repr(error))
    return Recognition(request.number, heard.text, heard.understood, heard.uncertain)


def main() -> int:
    follow_parent()
    # Not at the top: the server imports this module for its messages, without the decoder.
    from satellite.local_server.asr.recogniser import GrammarDecoder

    return serve(RecognitionRequest, functools.partial(answer, GrammarDecoder()))


if __name__ == "__main__":
    sys.exit(main())
