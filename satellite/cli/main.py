"""The command ``satellite``: reads the command line, and lets the right room do the work.

Each command imports its room when it is called, so that none pays for the others. Every
``SatelliteError`` becomes one clear message and the exit status that it carries; only what
nobody foresaw shows a traceback.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from satellite import __version__
from satellite.core.errors import (
    EXIT_CONFIG,
    EXIT_STOPPED,
    MissingPartError,
    SatelliteError,
    worst,
)

if TYPE_CHECKING:
    from satellite.settings import Settings


class Parser(argparse.ArgumentParser):
    """A wrong command line is a wrong setting: systemd need not try it again."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_CONFIG, f"{self.prog}: {message}\n")


def entry() -> NoReturn:
    """Where the installed command and ``python -m satellite`` begin."""
    signal.signal(signal.SIGTERM, _leave)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is ignored
        signal.signal(signal.SIGINT, _leave)
    # `systemctl kill -s USR1` sends it to each process of the service; one of them listens to it.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    # Nothing that is made while importing is garbage; looking for some costs a tenth of it all.
    gc.disable()
    status = main(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):  # it ends already
        signal.signal(number, signal.SIG_IGN)
    sys.exit(status)


def _leave(_number: int, _frame: object) -> NoReturn:
    """A stop before the command has a handler of its own: ALSA's folder of plugins goes, no more.

    An exception instead (Python's own for Ctrl-C) comes up wherever it likes: it was lost in what
    was being imported, and crashed msgspec while that looked at a type. And an interpreter that
    takes itself apart would meet the sound system's thread in the middle of its start.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no public way to have them run now
    os._exit(EXIT_STOPPED)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except KeyboardInterrupt:
        return EXIT_STOPPED
    except BrokenPipeError:
        # Whoever read our output (``head``) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_STOPPED
    except (SatelliteError, BaseExceptionGroup) as error:
        known = worst(error)
        if known is None:
            raise
        from satellite.core.logs import tell

        tell(f"satellite: {known}")
        return known.exit_status


# --- the commands -------------------------------------------------------------------------------


def _run(arguments: argparse.Namespace) -> int:
    from satellite.audio.cards.manager import CardManager
    from satellite.cli.sound_system import sound_system

    # The sound system tries every card for a tenth of a second; meanwhile the settings are read.
    cards = CardManager(sound_system())
    cards.warm_up()
    settings = _load(arguments, key_needed=False)  # a missing one is said aloud, later
    from satellite.app import run

    gc.freeze()
    gc.enable()
    return run(settings, cards)


def _demo(arguments: argparse.Namespace) -> int:
    try:
        from satellite.demo.main import main as demo
    except ModuleNotFoundError as error:
        raise _extra("demo", error) from None
    return demo(arguments)


def _offline(arguments: argparse.Namespace) -> int:
    import socket

    from satellite.core.logs import set_up

    if arguments.fd is not None:  # somebody's child
        from satellite.core.child_processes import end_with_parent

        end_with_parent()
    set_up(arguments.log_level)
    try:
        from satellite.local_server.server import Options
        from satellite.local_server.server import main as serve
    except ModuleNotFoundError as error:
        raise _extra("offline", error) from None
    from satellite.local_server.tts.choice import choose_voice

    given = socket.socket(fileno=arguments.fd) if arguments.fd is not None else None
    options = Options(voice=choose_voice(arguments.voice), origins=arguments.origin)
    return serve(arguments.host, arguments.port, options, listening=given)


def _doctor(arguments: argparse.Namespace) -> int:
    from satellite.cli.doctor.run import main as examine
    from satellite.settings import overrides

    return examine(arguments.config, overrides(arguments.set))


def _devices(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - every command takes them
    from satellite.cli.devices import describe
    from satellite.cli.sound_system import sound_system

    backend = sound_system()
    try:
        print(describe(backend))
    finally:
        backend.close()
    return EXIT_STOPPED


def _functions(arguments: argparse.Namespace) -> int:
    settings = _load(arguments, key_needed=False)
    from satellite.cli.one_shot import functions

    print(functions(settings, as_json=arguments.json))
    return EXIT_STOPPED


def _say(arguments: argparse.Namespace) -> int:
    settings = _load(arguments, key_needed=False)
    from satellite.cli.one_shot import say

    message: dict[str, Any] = {"text": " ".join(arguments.text)}
    for name in ("volume", "chime", "listen"):
        if getattr(arguments, name) is not None:
            message[name] = getattr(arguments, name)
    say(settings, arguments.id or settings.satellite.id, message)
    return EXIT_STOPPED


# --- the command line ---------------------------------------------------------------------------


def parser() -> Parser:
    """The command line, without any value of the settings in its help."""
    top = Parser(prog="satellite", description="A room you can talk to.")
    top.add_argument("--version", action="version", version=f"satellite {__version__}")
    _add_common(top, config=None, set=[], log_level="info")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(
        name: str, command: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        # The same options may stand before the command and after it; SUPPRESS keeps the defaults
        # of the second place from covering what was given at the first.
        _add_common(added, **dict.fromkeys(("config", "set", "log_level"), argparse.SUPPRESS))
        added.set_defaults(command=command)
        return added

    add("run", _run, "be the satellite: listen, talk and act until stopped")
    demo = add("demo", _demo, "hear and see a whole conversation on this machine")
    demo.add_argument("--live", action="store_true", help="talk yourself, by microphone")
    demo.add_argument("--wav", metavar="FILE", type=Path, help="the recording (satellite-demo.wav)")
    demo.add_argument("--picture", metavar="FILE", type=Path, help=argparse.SUPPRESS)
    add("doctor", _doctor, "check every part and say what to do")
    add("devices", _devices, "list the sound cards")
    functions = add("functions", _functions, "show what the model may call now")
    functions.add_argument("--json", action="store_true", help="for machines")
    offline = add("offline", _offline, "be the Realtime server of this machine")
    offline.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1)")
    offline.add_argument(
        "--port", type=_whole(0, 65_535), default=8765, help="0 for any free one (8765)"
    )
    offline.add_argument(
        "--voice",
        default="auto",
        metavar="NAME",
        help="espeak, piper, or one of piper's voices (auto: piper where it is installed)",
    )
    offline.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="let web pages of this origin use it, such as https://example.com; may be repeated",
    )
    # A socket that listens already, from whoever started us: no caller is refused meanwhile.
    offline.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    say = add("say", _say, "let a satellite speak, through the broker")
    say.add_argument("text", nargs="+", metavar="TEXT", help="what to speak, word for word")
    say.add_argument("--id", type=_id, help="which satellite (the one of these settings)")
    say.add_argument("--volume", type=_whole(0, 100), metavar="0-100", help="for this message only")
    say.add_argument(
        "--chime", action=argparse.BooleanOptionalAction, help="a short sound before it"
    )
    say.add_argument(
        "--listen", action="store_true", default=None, help="open the microphone for an answer"
    )
    return top


def _whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number of this range, both ends included."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if low <= number <= high:
            return number
        raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}: {text!r}")

    return read


def _id(text: str) -> str:
    """A satellite's id, which is a level of topics."""
    if text and not set(text) & set("/+#\0"):
        return text
    raise argparse.ArgumentTypeError(f"is no id of a satellite: {text!r}")


def _add_common(to: argparse.ArgumentParser, **defaults: object) -> None:
    to.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        default=defaults["config"],
        help="settings (/etc/satellite/satellite.toml)",
    )
    to.add_argument(
        "--set",
        metavar="SECTION.NAME=VALUE",
        action="append",
        default=defaults["set"],
        help="one setting, above file and environment; may be repeated",
    )
    to.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default=defaults["log_level"],
        help="how much to tell (info)",
    )


def _load(arguments: argparse.Namespace, *, key_needed: bool = True) -> Settings:
    """The settings of a command, and logging as they want it."""
    from satellite.core.logs import set_up
    from satellite.settings import load_settings, overrides, secrets_of

    set_up(arguments.log_level)
    settings = load_settings(arguments.config, overrides(arguments.set), key_needed=key_needed)
    set_up(arguments.log_level, secrets_of(settings))
    return settings


def _extra(name: str, error: ModuleNotFoundError) -> MissingPartError:
    if (error.name or "").startswith("satellite"):
        raise error
    return MissingPartError(
        f"The Python package {error.name} is not installed.",
        do=f"Install what this command needs:  pip install 'satellite[{name}]'",
    )
