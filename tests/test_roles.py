"""Who is the agent, by the words of two channels or of one."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from belscore.call import Call, Role, Span, Word
from belscore.cues import load_cues
from belscore.engine import score_call
from belscore.mono import CONFIDENCE_MAX, _stretches, split_voices
from belscore.notation import parse_call
from belscore.roles import Roles, decide_roles

INBOUND = """
0.4-4.4 agent   Goedemiddag, polikliniek oogheelkunde, u spreekt met Hamza.
4.8-11.0 caller Goedemiddag, u spreekt met mevrouw Jansen. Ik bel even over mijn afspraak van dinsdag.
11.3-14.5 agent Dag mevrouw Jansen, mag ik uw geboortedatum?
15.0-17.8 caller Vier mei negentienvijftig.
18.3-24.0 agent Dank u wel. Ik kijk even in de agenda. Ik heb nog woensdag om tien uur of vrijdag om half drie.
24.5-26.4 caller Vrijdag graag, dank u wel.
26.9-30.0 agent Graag gedaan, dan zien we u vrijdag. Fijne dag.
"""
OUTBOUND = """
0.5-1.6 caller  Met Petra Willems.
2.0-8.0 agent   Goedemorgen mevrouw Willems, u spreekt met Joost van praktijk De Dam. U had gebeld over de uitslag.
8.5-10.0 caller O ja, fijn dat u belt.
10.5-16.0 agent De uitslag is goed. U kunt gewoon doorgaan met uw medicijnen, heeft u nog een vraag voor de dokter?
16.5-19.0 caller Nee, dan weet ik genoeg. Bedankt hoor.
19.5-21.0 agent Graag gedaan, prettige dag nog.
"""
# The caller greets like a receptionist; the one who takes up the telephone hardly says who she is.
FORMAL_CALLER = """
0.4-1.8 agent   Met Kim.
2.2-8.0 caller  Goedemorgen, u spreekt met mevrouw Jansen. Ik bel voor mijn man, hij heeft zo'n last van zijn knie.
8.4-10.4 agent  Wat is zijn geboortedatum?
10.9-13.0 caller Drie maart negentienzestig.
13.4-18.0 agent Ik verbind u door met de assistente, blijft u even aan de lijn.
18.5-19.4 caller Ja, is goed.
"""


def channels(call: Call) -> dict[Role, list[Word]]:
    return {role: [word for turn in call.turns_of(role) for word in turn.words] for role in ("agent", "caller")}


def garble(words: list[Word], rng: random.Random) -> list[Word]:
    """One word in four wrong: lost, or with letters changed."""
    kept: list[Word] = []
    for word in words:
        if rng.random() >= 0.25:
            kept.append(word)
        elif rng.random() < 0.7:
            letters = [letter if rng.random() < 0.6 else rng.choice("aeionrst") for letter in word.text]
            kept.append(Word("".join(letters), word.start_s, word.end_s, 0.4))
    return kept


@pytest.mark.parametrize("text", [INBOUND, OUTBOUND, FORMAL_CALLER], ids=["inbound", "outbound", "formal caller"])
@pytest.mark.parametrize("swapped", [False, True], ids=["agent left", "agent right"])
def test_the_agent_is_found_by_what_is_said(text: str, swapped: bool) -> None:
    said = channels(parse_call(text))
    pair = (said["caller"], said["agent"]) if swapped else (said["agent"], said["caller"])
    roles = decide_roles(pair)
    assert roles.agent == int(swapped)
    assert roles.confidence > 0.5


@pytest.mark.parametrize("text", [INBOUND, OUTBOUND, FORMAL_CALLER], ids=["inbound", "outbound", "formal caller"])
def test_one_word_in_four_wrong_does_not_turn_the_roles_round(text: str) -> None:
    said = channels(parse_call(text))
    sure_and_wrong = 0
    for seed in range(12):
        rng = random.Random(seed)
        roles = decide_roles((garble(said["caller"], rng), garble(said["agent"], rng)))
        sure_and_wrong += roles.agent == 0 and roles.confidence >= 0.5
    assert sure_and_wrong == 0


def test_the_direction_follows_from_who_called() -> None:
    for text, direction in ((INBOUND, "inbound"), (OUTBOUND, "outbound"), (FORMAL_CALLER, "inbound")):
        said = channels(parse_call(text))
        assert decide_roles((said["agent"], said["caller"])).direction == direction


def test_a_direction_that_is_known_stays() -> None:
    said = channels(parse_call(INBOUND))
    assert decide_roles((said["agent"], said["caller"]), direction="outbound").direction == "outbound"


def test_a_channel_that_is_given_is_taken_and_certain() -> None:
    said = channels(parse_call(INBOUND))
    roles = decide_roles((said["agent"], said["caller"]), agent_channel="right")
    assert (roles.agent, roles.confidence) == (1, 1.0)


def test_channels_that_say_nothing_telling_leave_it_open() -> None:
    left = [Word("tja", 0.0, 0.3)]
    right = [Word("tja", 0.0, 0.3)]
    assert decide_roles((left, right)).confidence < 0.3


def test_one_silent_channel_is_no_obstacle() -> None:
    said = channels(parse_call(INBOUND))
    assert decide_roles(([], said["agent"])).agent == 1
    assert decide_roles(([], [])) == Roles(0, 0.0, "inbound")


def test_every_cue_speaks_for_a_known_side() -> None:
    import tomllib

    path = Path(__file__).resolve().parent.parent / "rules" / "lexicon" / "rollen.toml"
    cues = tomllib.loads(path.read_text(encoding="utf-8"))["cues"]
    assert {cue["side"] for cue in cues.values()} == {"agent", "caller"}
    for name, cue in cues.items():
        assert cue["weight"] > 0, name
        assert cue["most"] >= 1, name
        assert len(set(cue["phrases"])) == len(cue["phrases"]), name
    load_cues()


def test_one_channel_is_split_by_words_and_stays_doubtful() -> None:
    call = parse_call(INBOUND)
    words = sorted((word for turn in call.turns for word in turn.words), key=lambda word: word.start_s)
    turns, confidence = split_voices(words)
    assert confidence <= CONFIDENCE_MAX
    assert [word for turn in turns for word in turn.words] == words
    spoken_by = {id(word): turn.role for turn in turns for word in turn.words}
    right = sum(spoken_by[id(word)] == turn.role for turn in call.turns for word in turn.words)
    assert right / len(words) > 0.8


def test_an_abbreviation_ends_no_sentence() -> None:
    def stretches(*texts: str) -> int:
        return len(_stretches([Word(text, 0.3 * at, 0.3 * (at + 1)) for at, text in enumerate(texts)]))

    assert stretches("met", "mevr.", "Jansen") == 1
    assert stretches("dat", "klopt.", "Mooi") == 2


def test_nothing_said_on_one_channel() -> None:
    assert split_voices([]) == ((), 0.0)


@pytest.mark.parametrize(("begins_s", "verdict"), [(0.1, "unsure"), (0.6, "fail")])
def test_recording_that_begins_with_the_caller_talking_tells_nothing_of_the_greeting(
    begins_s: float, verdict: str
) -> None:
    written = parse_call(f"{begins_s}-11.0" + INBOUND.split("4.8-11.0", 1)[1])
    spans: dict[Role, tuple[Span, ...]] = {role: written.speech_of(role) for role in ("agent", "caller")}
    assert score_call(replace(written, speech=spans)).finding("opening-begroeting").verdict == verdict
    assert score_call(written).finding("opening-begroeting").verdict == "fail"
