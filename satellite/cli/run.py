"""``satellite run``: the daemon."""

from __future__ import annotations

import gc
from argparse import Namespace


def main(arguments: Namespace) -> int:
    from satellite.audio.cards.manager import CardManager
    from satellite.cli.sound_system import sound_system

    # The sound system tries every card for a tenth of a second; meanwhile the settings are read.
    cards = CardManager(sound_system())
    cards.warm_up()
    from satellite.cli.command import load

    settings = load(arguments)
    from satellite.app import run

    gc.freeze()
    gc.enable()
    return run(settings, cards)
