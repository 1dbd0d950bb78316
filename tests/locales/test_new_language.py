"""A language is one file: a made-up one is understood, masked and spoken as soon as it is there.

It runs in a process of its own, because the files are read once.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from satellite.locales import locale

ROOT = Path(__file__).parents[2]
BEGIN = """
import sys
from pathlib import Path
from satellite.locales import locale
locale.FOLDER = Path(sys.argv[1])
"""
HOME = """
import json
from satellite.homeassistant.effects import Publish
from satellite.tools.execution.turn_context import SpeechHeard, TurnContext
from satellite.tools.policy.rules import Rules
from tests.tools.conftest import Driver

def answers(said, **more):
    '''Whether a lock that was asked about opens when somebody says this.'''
    home = Driver(Rules(language="tqx", **more))
    home.lock("Front door")
    call = home.call("set_lock", devices=["Front door"], action="unlock", turn=1)
    question = SpeechHeard(1, "Shall I unlock Front door?", 2000, 2000, True, (call,), (call,))
    turn = TurnContext(2, text=said, heard=(question,))
    given = {"confirmation_id": home.result(call)["confirmation_id"], "answer": "yes"}
    if "pin" in more:
        given["pin"] = said.partition(",")[0]
    effects = home.home.call("yes", "confirm", json.dumps(given), 2, home.now_s, exchange=turn)
    return any(isinstance(effect, Publish) for effect in effects)
"""
UNDERSTANDS = {
    "a yes": "assert answers('Quelp!') and answers('quelp ana') and not answers('Brrt, quelp')",
    "no yes of others is lost": "assert answers('Yes.') and not answers('Hm?')",
    "the digits of a PIN": "assert answers('aq uz iq iq, quelp', pin='4711')",
    "a wrong PIN": "assert not answers('aq uz iq uq, quelp', pin='4711')",
}
KNOWS = {
    "it masks the PIN": """
from satellite.tools.text.masking import Mask
assert Mask(["4711"]).speech("Ana aq uz iq iq zup") == "Ana *** zup"
assert Mask(["4711"]).speech("Ana aq 7 one iq zup") == "Ana *** zup"
""",
    "it knows risky devices": """
from tests.tools.conftest import Driver
home = Driver()
home.switch("Ana Hofzwangel")
asked = home.ask("set_power", devices=["Ana Hofzwangel"], state="on")
assert asked["status"] == "confirmation_required", asked
""",
    "it knows instructions": """
from tests.tools.conftest import Driver
home = Driver()
home.switch("Flobbertig, zwatsch ana Hofzwangel")
assert home.home.catalog.name_index.targets[0].name == "switch 1"
""",
    "it speaks its sentences": """
from tests.conversation.talk import Talk
from satellite.conversation import effects as fx
from satellite.conversation.events import local
from satellite.conversation.profile import ConversationProfile
talk = Talk(ConversationProfile(language="tqx-QX"))
talk.tell(local.LinkDown(1))
effects = talk.tell(local.AskRequested("ana?"))
assert [one.text for one in effects if isinstance(one, fx.SpeakLocally)] == ["Ana server zup."]
from satellite.locales.sentences import Sentences
from satellite.conversation.spoken_texts import STOPPED
assert Sentences("tqx").say_message("realtime.url is wrong", STOPPED) == "Ana halz zup."
""",
    "nothing is missing": """
from satellite.locales.gaps import gaps
assert list(gaps("tqx", secrets=True)) == []
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The languages of the program, and the made-up one."""
    folder = tmp_path_factory.mktemp("locales")
    for file in (*locale.FOLDER.glob("*.toml"), Path(__file__).with_name("tqx.toml")):
        shutil.copy(file, folder)
    return folder


def run(code: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code, str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", UNDERSTANDS.values(), ids=UNDERSTANDS)
def test_it_is_understood(code: str, folder: Path) -> None:
    run(HOME + code, folder)


@pytest.mark.parametrize("code", KNOWS.values(), ids=KNOWS)
def test_it_is_known(code: str, folder: Path) -> None:
    run(code, folder)


WITHOUT = [HOME + UNDERSTANDS["the digits of a PIN"], *KNOWS.values()]


@pytest.mark.parametrize("code", WITHOUT, ids=["digits", *KNOWS])
def test_without_its_file_none_of_it_is_known(code: str) -> None:
    """Else the tests above would hold for any language."""
    with pytest.raises(AssertionError, match="AssertionError"):
        run(code, locale.FOLDER)
