"""``satellite demo``: a whole conversation on this machine."""

from __future__ import annotations

from argparse import Namespace

from satellite.cli.command import missing_extra


def main(arguments: Namespace) -> int:
    try:
        from satellite.demo.main import main as demo
    except ModuleNotFoundError as error:
        raise missing_extra("demo", error) from None
    return demo(arguments)
