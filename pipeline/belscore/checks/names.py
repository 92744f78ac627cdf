"""Check kinds `recognises_name` and `counts_name`: how the agent uses the caller's name."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.language.caller_names import CallerName
from belscore.language.name_words import SAME_NAME, name_similarity
from belscore.language.names import NameMention
from belscore.language.tokens import Utterance
from belscore.rule_schema import CountsName, RecognisesName
from belscore.scorecard import Measured
from belscore.view import MIN_PROBABILITY, CallView, evidence, turn_evidence

# "ja goedemorgen mevrouw Jansen": within so many words of a turn the name stands.
ADDRESS_REACH = 4
# Less alike than two spellings of a name, more than two words by chance.
LIKE_NAME = 0.75
# Shorter words are alike by chance.
NAME_LETTERS = 4


def recognises_name(params: RecognisesName, view: CallView) -> Outcome:
    """The name within the agent's next turns after the caller first gave it; a spelling check does not count."""
    if not view.caller_names:
        return _name_lost(params, view)
    given = view.caller_names[0]
    outcome = _recognised(params, view, given)
    if outcome.verdict != "fail":
        return outcome
    # what was heard first need not have been the name: "met Sander zijn moeder", and later "De Graaf"
    others = [name for name in view.caller_names[1:] if set(name.words).isdisjoint(given.words)]
    if any(_recognised(params, view, other).verdict == "pass" for other in others):
        return unsure("name_variant", evidence(given))
    doubtful = given.inferred or _stands_alone(view, given)
    return unsure("words_uncertain", evidence(given)) if doubtful else outcome


def _recognised(params: RecognisesName, view: CallView, given: CallerName) -> Outcome:
    if view.call.direction == "outbound" and _asked_before(view, given):
        return not_applicable("name_asked_outbound")
    turns = [u for u in _turns(view) if u.turn.end_s > given.utterance.turn.end_s][: params.turns]
    if not turns:
        return not_applicable("no_turn_after_name")
    wanted = {utterance.index for utterance in turns}
    used = [m for m in _all_mentions(view) if m.utterance.index in wanted and not m.verifies]
    sure = [mention for mention in used if mention.same == "yes" and _given_before(mention, view)]
    if sure:
        return passed(evidence(given), evidence(sure[0]), values={"name": given.quote})
    titled = [mention for mention in used if mention.kind == "titled"]
    if titled and (view.recognised or any(mention.same == "maybe" for mention in titled)):
        return unsure("name_variant", evidence(given), evidence(titled[0]))
    if _may_be_lost(view, turns) or _sounds_alike(view, turns) or _doubtful(given) or _is_said(view, turns, given):
        return unsure("words_uncertain", evidence(given))
    return failed(evidence(given), turn_evidence(turns[0]), values={"name": given.quote})


def _stands_alone(view: CallView, given: CallerName) -> bool:
    """`Perfect, ik heb een vraag`: a lone word of every day at the head of the call, which nobody says again."""
    opening = next(iter(view.of("caller")), None)
    if given.utterance is not opening or given.start or given.end != 1 or len(given.words) > 1:
        return False
    names, word = view.knowledge.names, given.words[0]
    if word not in view.lexicon.vocabulary or word in view.lexicon.words("namen", "word_names"):
        return False
    before = view.utterances[: given.utterance.index]
    if any(names.callers.asks_name(u) for u in before) or names.callers.is_greeted_behind(given):
        return False
    return all(word not in u.norms for u in view.utterances[given.utterance.index + 1 :])


def _turns(view: CallView) -> list[Utterance]:
    """The agent's turns; a `nee` is a turn when it answers a question, and else a listening signal."""
    reader = view.asking
    asked = {u.index + 1 for u in view.of("caller") if reader.questions(u)}
    return [u for u in view.of("agent") if u.index not in view.hums or u.index in asked]


def _name_lost(params: RecognisesName, view: CallView) -> Outcome:
    """No name of the caller was recognised; an agent who uses one right after the caller's first words heard it."""
    first = next(iter(view.of("caller")), None)
    if view.recognised and first is not None and view.call.direction == "inbound":
        turns = [u for u in view.spoken("agent") if u.turn.start_s >= first.turn.start_s][: params.turns]
        wanted = {utterance.index for utterance in turns}
        used = [m for m in view.mentions if m.utterance.index in wanted and m.kind == "titled" and not m.verifies]
        if used:
            return passed(evidence(used[0]))
    return not_applicable("name_unknown")


def counts_name(params: CountsName, view: CallView) -> Outcome:
    """Uses of the caller's name, those close together counted once."""
    mentions = _to_caller(view, [mention for mention in _all_mentions(view) if not mention.of_third])
    if not view.caller_names and (not mentions or _is_another(view)):
        return not_applicable("name_unknown")
    sure = apart([m for m in mentions if m.same == "yes" and not m.verifies], params.apart_s)
    alike = ("yes", "maybe") if view.recognised else ("yes",)  # written names are spelled as they are
    likely = apart([m for m in mentions if m.same in alike and not m.verifies], params.apart_s)
    measured = Measured(float(len(sure)), "keer", f"hoogstens {params.most}")
    quotes = tuple(evidence(mention) for mention in sure)
    values = {"count": str(len(sure)), "most": str(params.most), "name": quotes[0].quote if quotes else ""}
    if len(sure) > params.most:
        return failed(*quotes, values=values, measured=measured)
    if len(likely) > params.most:
        return unsure("name_variant", *(evidence(mention) for mention in likely), measured=measured)
    return passed(*quotes, values=values, measured=measured)


def _to_caller(view: CallView, mentions: list[NameMention]) -> list[NameMention]:
    """Without those of kin: `dan ziet de dokter mevrouw Tromp`, `kan meneer Tromp nog staan` when his son calls."""
    words, lexicon = view.knowledge.names.words, view.lexicon
    opening = next((u.index for u in view.of("caller")), 0) if view.call.direction == "inbound" else 0
    mentions = [
        m for m in mentions if m.kind == "titled" or m.utterance.index >= opening
    ]  # "Jansen Tandartsen, goedemorgen"
    if all(lexicon.words("namen", "relation").isdisjoint(u.norms) for u in view.of("caller")):
        return mentions
    titles = [frozenset(lexicon.list("namen", "titles", name)) for name in ("men", "women")]
    spoken = [m for m in mentions if m.kind == "titled" and words.is_address(m.utterance, m.start, m.end)]
    first = next((group for m in spoken for group in titles if m.utterance.norms[m.start] in group), frozenset[str]())
    others = frozenset[str]().union(*titles) - first if first else first
    return [
        m
        for m in mentions
        if m in spoken or m.kind == "bare" or not (m.utterance.norms[m.start] in others or _is_subject(view, m))
    ]


def _is_subject(view: CallView, mention: NameMention) -> bool:
    """Right behind a verb, where marks would part an address from it: `kan meneer Tromp nog staan`."""
    utterance, at = mention.utterance, mention.start
    if not view.punctuated or not at or utterance.tokens[at - 1].after or utterance.tokens[mention.end - 1].after:
        return False
    return utterance.norms[at - 1] in view.knowledge.question_words.verbs


def _is_another(view: CallView) -> bool:
    """Whoever was called does not know the name: `die ken ik niet`, `verkeerd verbonden`."""
    denied = view.lexicon.list("namen", "denied")
    return view.call.direction == "outbound" and any(view.finder.any(denied, u) for u in view.of("caller"))


def apart(mentions: Sequence[NameMention], apart_s: float) -> list[NameMention]:
    """The mentions without those that follow another by at most `apart_s`."""
    kept: list[NameMention] = []
    last_end_s = float("-inf")
    for mention in mentions:
        if mention.start_s - last_end_s > apart_s:
            kept.append(mention)
        last_end_s = mention.end_s
    return kept


def _all_mentions(view: CallView) -> list[NameMention]:
    """Mentions after which no colleague answers: words to a colleague are no address."""
    talk = [u.index for u in view.of("colleague")]
    return [m for m in view.mentions if m.utterance.index + 1 not in talk or m.utterance.index - 1 not in talk]


def _given_before(mention: NameMention, view: CallView) -> bool:
    """The caller gave this name before the agent used it."""
    known = [w for name in view.caller_names if name.utterance.index < mention.utterance.index for w in name.words]
    return any(name_similarity(word, other) >= SAME_NAME for word in mention.words for other in known)


def _asked_before(view: CallView, given: CallerName) -> bool:
    names = view.knowledge.names
    before = view.utterances[: given.utterance.index]
    asks = any(u.role == "agent" and names.callers.asks_name(u) for u in before)
    return asks or any(m.utterance.index < given.utterance.index for m in view.mentions)


def _may_be_lost(view: CallView, turns: Sequence[Utterance]) -> bool:
    """Names are what recognisers get wrong first: one doubtful word may have been it, unless it is a function word."""
    idle = view.lexicon.idle
    tokens = [token for u in turns for token in u.tokens if token.norm not in idle]
    return view.recognised and any(token.probability < MIN_PROBABILITY for token in tokens)


def _is_said(view: CallView, turns: Sequence[Utterance], given: CallerName) -> bool:
    """`fijn roos`: without capitals a name that is a word too."""
    words = view.lexicon.words("namen", "word_names").intersection(given.words)
    return not view.cased and any(not words.isdisjoint(u.norms) for u in turns)


def _sounds_alike(view: CallView, turns: Sequence[Utterance]) -> bool:
    """`dag jammer` to Lammers: where names stand, a word much like the caller's."""
    known = [word for name in view.caller_names for word in name.words]
    before = view.lexicon.words("namen", "before")
    places = [norm for u in turns for norm in u.norms[:ADDRESS_REACH]]
    heard = [norm for norm in places if len(norm) >= NAME_LETTERS and norm not in before]
    return view.recognised and any(name_similarity(norm, word) >= LIKE_NAME for norm in heard for word in known)


def _doubtful(given: CallerName) -> bool:
    tokens = given.utterance.tokens[given.start : given.end]
    return min(token.probability for token in tokens) < MIN_PROBABILITY / 2
