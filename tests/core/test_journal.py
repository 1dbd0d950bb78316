"""The journal itself, a private one: nothing secret in any field of any record."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JOURNALD = Path("/usr/lib/systemd/systemd-journald")
KEY = "sk-proj-" + "A1b2C3d4" * 12

PRIVATE = """
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal || exit 77
"$1" & journald=$!
for _ in $(seq 100); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
"$2" -c "$3" "$4"
for _ in $(seq 50); do
    journalctl -D /run/log/journal SYSLOG_IDENTIFIER=satellite -o json --all --no-pager > "$5"
    grep -q "the last line" "$5" && break
    sleep 0.1
done
kill $journald
wait
"""
"""In a mount namespace of its own, where the journal's socket is that of a journald of our own."""

TALKING = """
import logging, sys, threading
from satellite.core import logs

key = sys.argv[1]
logs._stderr_is_the_journal = lambda: True
logs.set_up("debug", (key,))
log = logging.getLogger("satellite.realtime")
log.warning("The server refuses: %s", f"Incorrect API key provided: {key}.")
log.warning("%(error)s", {"error": {"message": key}})
log.warning("as bytes %r, in a list %s", key.encode(), [key])
log.warning("extra", extra={"DETAIL": key, "server": key})
log.warning("cut off: %s", key[:80])
log.warning("%d is no number", key)
logging.getLogger(f"satellite.{key}").warning("a logger of that name", stack_info=True)
try:
    try:
        raise ValueError(key)
    except ValueError as first:
        raise RuntimeError(f"again {key}") from first
except RuntimeError:
    log.exception("failed with %s", key)
    sys.excepthook(*sys.exc_info())
thread = threading.Thread(target=lambda: log.error("from a thread: %s", key), name=f"for {key}")
thread.start()
thread.join()
log.info("the last line")
"""


@pytest.mark.skipif(
    not JOURNALD.exists() or os.geteuid() != 0 or shutil.which("unshare") is None,
    reason="a private journal needs root, systemd-journald and unshare",
)
def test_no_field_of_any_record_shows_the_key(tmp_path: Path) -> None:
    kept = tmp_path / "journal.json"
    script = ["bash", "-c", PRIVATE, "bash", str(JOURNALD), sys.executable, TALKING, KEY, str(kept)]
    done = subprocess.run(
        ["unshare", "--mount", *script], capture_output=True, timeout=120, check=False
    )
    if done.returncode == 77:
        pytest.skip("this machine allows no mount namespace")
    records = [json.loads(line) for line in kept.read_text().splitlines()]
    messages = [record["MESSAGE"] for record in records]
    assert "satellite.realtime: The server refuses: Incorrect API key provided: ***." in messages
    assert messages[-1] == "satellite.realtime: the last line"
    assert {"LOGGER", "PRIORITY", "CODE_FILE", "CODE_LINE", "THREAD_NAME"} <= records[0].keys()
    assert len(records) == 10
    for record in records:
        trusted = {name for name in record if name.startswith("_")}  # of the process, by journald
        shown = json.dumps({name: record[name] for name in record.keys() - trusted})
        assert KEY[: len(KEY) // 2] not in shown, record.keys()
        assert "CODE_ARGS" not in record
    assert KEY.encode() not in done.stderr
