"""The recogniser's process, spoken to over its pipes: ``python -m`` and the name of this module.

Each message is a length of four bytes, big-endian, and that many bytes of MessagePack. It ends
when its standard input ends, so it never outlives the server.
"""

from __future__ import annotations

import os
import sys
from typing import Any, BinaryIO

import msgspec


class Request(msgspec.Struct, array_like=True):
    """``pcm`` empty: only learn the grammar of ``tools`` (JSON) under the name ``key``."""

    number: int
    key: str
    tools: bytes
    pcm: bytes


class Answer(msgspec.Struct, array_like=True):
    number: int
    text: str
    understood: bool
    failure: str = ""


def read_message(stream: BinaryIO) -> bytes | None:
    head = stream.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return body if len(body) == length else None


def frame(message: Any) -> bytes:  # noqa: ANN401 - anything msgspec can encode
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4, "big") + body


def main() -> int:
    # Anything that C libraries print must not get between the messages.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    from satellite.offline.hearing.ears import Ears

    ears = Ears()
    requests = msgspec.msgpack.Decoder(Request)
    while (body := read_message(sys.stdin.buffer)) is not None:
        answers.write(frame(_answer(ears, requests.decode(body))))
    return 0


def _answer(ears: Any, request: Request) -> Answer:  # noqa: ANN401 - imported late
    try:
        ears.learn(request.key, msgspec.json.decode(request.tools))
        if not request.pcm:
            return Answer(request.number, "", understood=False)
        heard = ears.hear(request.key, request.pcm)
    except (RuntimeError, ValueError, LookupError) as error:
        return Answer(request.number, "", understood=False, failure=str(error) or repr(error))
    return Answer(request.number, heard.text, heard.understood)


if __name__ == "__main__":
    sys.exit(main())
