"""The second look at findings that fail or are unsure: what it may change, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from belscore import load_rules, parse_call, score_call, transcribe_file
from belscore.call import Call
from belscore.decoder import load_model
from belscore.models import find_model
from belscore.rulebook import default_lexicon
from belscore.second_look import Change, Likelihood
from belscore.second_look_phrases import PhraseBook
from belscore.second_look_sound import SoundOracle
from belscore.second_look_sounds import apart, sound
from lost_thanks import CALL, RULE

SAID = Likelihood(margin=2.0, own=-1.0)
BETWEEN = Likelihood(margin=-0.8, own=-4.0)
NOT_SAID = Likelihood(margin=-4.0, own=-7.0)


@dataclass
class Told:
    """An oracle that says the same of every change."""

    likelihood: Likelihood | None
    asked: list[Change] = field(default_factory=list)

    def likelihoods(self, _call: Call, changes: Sequence[Change], _windows: int) -> list[Likelihood | None]:
        self.asked += changes
        return [self.likelihood] * len(changes)


def misheard(text: str = CALL, probability: float = 0.7) -> Call:
    """A call as a recogniser gives it: no word is certain."""
    call = parse_call(text, source="test")
    turns = (
        replace(turn, words=tuple(replace(word, probability=probability) for word in turn.words)) for turn in call.turns
    )
    return replace(call, turns=tuple(turns))


def test_a_phrase_that_the_sound_bears_out_turns_unsure_into_pass() -> None:
    call = misheard()
    assert score_call(call).finding(RULE).verdict == "unsure"
    assert score_call(call, oracle=Told(SAID)).finding(RULE).verdict == "pass"


def test_the_quote_tells_what_was_recognised_at_first() -> None:
    quotes = [evidence.quote for evidence in score_call(misheard(), oracle=Told(SAID)).finding(RULE).evidence]
    assert any("tweede keer luisteren" in quote and "vooral gedeeld" in quote for quote in quotes)


@pytest.mark.parametrize("likelihood", [NOT_SAID, None])
def test_a_phrase_that_the_sound_does_not_bear_out_changes_nothing(likelihood: Likelihood | None) -> None:
    call = misheard()
    oracle = Told(likelihood)
    assert score_call(call, oracle=oracle) == score_call(call)
    assert oracle.asked


def test_nothing_else_on_the_card_moves() -> None:
    call = misheard()
    plain, looked = score_call(call), score_call(call, oracle=Told(SAID))
    moved = {
        one.rule_id: (one.verdict, other.verdict) for one, other in zip(plain.findings, looked.findings, strict=True)
    }
    moved = {rule_id: pair for rule_id, pair in moved.items() if pair[0] != pair[1]}
    assert set(moved.values()) <= {("unsure", "pass"), ("fail", "pass")}
    assert (plain.situations, plain.outcome, plain.ledger, plain.measures) == (
        looked.situations,
        looked.outcome,
        looked.ledger,
        looked.measures,
    )


def test_a_fail_becomes_unsure_where_the_sound_does_not_decide() -> None:
    call = misheard(CALL, probability=0.98)
    assert score_call(call).finding(RULE).verdict in ("fail", "unsure")
    assert score_call(call, oracle=Told(BETWEEN)).finding(RULE).verdict == "unsure"


def test_an_informal_pronoun_is_asked_for_as_the_formal_one() -> None:
    call = misheard(CALL.replace("u spreekt met Anja", "je spreekt met Anja"))
    oracle = Told(SAID)
    assert score_call(call).finding("aanspreekvorm-u").verdict == "unsure"
    looked = score_call(call, oracle=oracle).finding("aanspreekvorm-u")
    assert looked.verdict == "pass"
    assert "tweede keer luisteren" in looked.evidence[0].quote
    assert ("u",) in [change.words for change in oracle.asked]


def test_only_the_agents_words_are_asked_for() -> None:
    call, oracle = misheard(), Told(NOT_SAID)
    score_call(call, oracle=oracle)
    assert {call.turns[change.turn].role for change in oracle.asked} == {"agent"}


def test_a_phrase_that_sounds_like_other_words_is_not_expected_there() -> None:
    book = PhraseBook(["bedankt voor uw geduld"], default_lexicon())
    near = [miss.said for miss in book.near(misheard().turns[4].words)]
    assert ("voor", "uw", "geduld") in near
    assert not book.near(misheard().turns[6].words)


def test_spellings_of_one_sound_lie_together() -> None:
    assert sound("wij") == sound("wei")
    assert apart(sound("dokter"), sound("tochter")) < apart(sound("dokter"), sound("uitslag"))


def test_every_informal_pronoun_has_a_formal_one() -> None:
    lexicon = load_rules().knowledge.lexicon
    pairs = dict(text.split() for text in lexicon.list("aanspreekvorm", "second_look"))
    assert set(pairs) >= {"je", "jij", "jou", "jouw"}
    assert set(pairs.values()) <= lexicon.words("aanspreekvorm", "formal")


@pytest.mark.model
def test_the_sound_prefers_the_words_that_were_said_and_always_says_the_same(repository: Path) -> None:
    sample = repository / "samples" / "calls" / "afspraak-goed.wav"
    files = find_model("base")
    call = transcribe_file(sample, model="base")
    turn = next(at for at, each in enumerate(call.turns) if each.role == "agent" and len(each.words) > 4)
    at = max(range(len(call.turns[turn].words)), key=lambda at: call.turns[turn].words[at].probability)
    same = Change(turn, at, at + 1, (call.turns[turn].words[at].text.rstrip(".,?!").lower(),), 0.0)
    other = Change(turn, at, at + 1, ("rolstoelen",), 0.5)
    oracle = SoundOracle(sample, lambda: load_model(files, threads=1))
    told = oracle.likelihoods(call, [same, other], 1)
    assert told[0] is not None
    assert told[1] is not None
    assert told[0].margin == 0
    assert not told[1].open
    assert oracle.likelihoods(call, [same, other], 1) == told
    assert oracle.likelihoods(call, [same], 0) == [None]
