"""``satellite doctor``: looks at each part in turn, says how it is, and what to do about it.

``checks`` looks at settings, packages, broker and server, ``cards`` at the sound cards, ``unit`` at
the service; ``run`` runs and shows them.
"""

from __future__ import annotations

from argparse import Namespace


def main(arguments: Namespace) -> int:
    from satellite.cli.doctor.run import examine
    from satellite.settings import overrides

    return examine(arguments.config, overrides(arguments.set))
