"""The command: what of a folder of recorded behaviour holds."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.corpus_check.folder import check_folder, report


def main(arguments: list[str]) -> int:
    """``python -m tests.corpus_check DIR``: 0 all holds, 1 something differs, 2 usage."""
    if len(arguments) != 1:
        print("usage: check-corpus DIR", file=sys.stderr)
        return 2
    try:
        text, whole = report(check_folder(Path(arguments[0])))
    except FileNotFoundError as missing:
        print(f"check-corpus: {missing.filename} is missing", file=sys.stderr)
        return 2
    print(text)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
