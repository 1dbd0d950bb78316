"""Checks the service: what systemd says of it, and the variables that only the service gets."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from satellite.cli.doctor.findings import Finding, good, note
from satellite.core.errors import EXIT_CONFIG, EXIT_FAILED
from satellite.settings.sources import PREFIX
from satellite.settings.text import has_byte_order_mark

SYSTEMD = Path("/run/systemd/system")
VARIABLES = Path("/etc/default/satellite")
"""The unit's ``EnvironmentFile``."""


def unit_facts() -> dict[str, str]:
    """Properties of the unit by ``systemctl show``; empty where systemd does not run."""
    if not SYSTEMD.is_dir():
        return {}
    asked = (
        "LoadState",
        "ActiveState",
        "SubState",
        "NRestarts",
        "StatusText",
        "ExecMainStatus",
        "MainPID",
    )
    shown = subprocess.run(
        ["systemctl", "show", "satellite.service", f"--property={','.join(asked)}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    ).stdout
    return dict(line.partition("=")[::2] for line in shown.splitlines())


def service() -> Iterator[Finding]:
    """The state of the service, where systemd runs."""
    yield from unseen_variables()
    if not SYSTEMD.is_dir():
        yield note("systemd does not run here, so there is no service")
        return
    facts = unit_facts()
    if facts.get("LoadState") != "loaded":
        yield note("it is not installed as a service", "sudo scripts/install")
    elif facts.get("ActiveState") == "active":
        told = facts.get("StatusText") or facts.get("SubState", "")
        yield good(f"running: {told} ({facts.get('NRestarts', '?')} restarts)")
    else:
        yield Finding(
            "bad",
            f"the service is {facts.get('ActiveState')}, its last exit status was "
            f"{facts.get('ExecMainStatus')}",
            "journalctl -u satellite -n 20 tells why; sudo systemctl restart satellite",
            EXIT_FAILED,
        )


def unseen_variables(
    file: Path = VARIABLES, environment: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """A note on settings in the service's file of variables that are not in this environment."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        yield note(f"{file}, which the service reads, cannot be read: {error.strerror}", "use sudo")
        return
    if has_byte_order_mark(content):
        yield Finding(
            "bad",
            f"{file} begins with a byte order mark, so systemd does not understand its first line",
            "save it as plain UTF-8 (without BOM) in your editor",
            EXIT_CONFIG,
        )
    lines = content.decode(errors="replace").splitlines()
    names = {line.partition("=")[0].strip() for line in lines if "=" in line}
    unseen = sorted(
        name for name in names if name.startswith((PREFIX, "OPENAI_")) and name not in environment
    )
    if unseen:
        yield note(
            f"the service takes {', '.join(unseen)} from {file}; nothing above knows of that",
            f"sudo sh -c 'set -a; . {file}; satellite doctor' looks at what the service runs with",
        )
