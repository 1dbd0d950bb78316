"""``satellite offline``: the Realtime server of this machine."""

from __future__ import annotations

import socket
from argparse import Namespace

from satellite.core.child_processes import end_with_parent
from satellite.core.logs import set_up


def main(arguments: Namespace) -> int:
    """With ``--fd`` it is the child of a daemon, whose listening socket it takes over."""
    if arguments.fd is not None:
        end_with_parent()
    set_up(arguments.log_level)
    try:
        from satellite.local_server.server import Options
        from satellite.local_server.server import main as serve
    except ModuleNotFoundError as error:
        from satellite.cli.command import missing_extra

        raise missing_extra("offline", error) from None
    from satellite.local_server.tts.choice import choose_voice

    given = socket.socket(fileno=arguments.fd) if arguments.fd is not None else None
    options = Options(voice=choose_voice(arguments.voice), origins=arguments.origin)
    return serve(arguments.host, arguments.port, options, listening=given)
