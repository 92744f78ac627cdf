"""Check kind `addresses_formally`: no uninvited je, jij, jou or jouw to the caller."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.handed_phone import to_caller
from belscore.language.address_form import AddressForm
from belscore.rule_schema import AddressesFormally
from belscore.scorecard import Evidence
from belscore.view import CallView, turn_evidence

# Among so many u's a single je of a recogniser is rather a mishearing (SPEECH.md 4.2: "je" is often inserted).
FORMAL_ENOUGH = 3
# "je" and "u" sound alike; from this probability on the default model has three in four words right (bench/wer.py).
SURE_PRONOUN = 0.8
# A lone one has to be surer still: the few u's that were heard as je had less (make bench-confusions ARGS=--words).
SURE_ALONE = 0.95
WEAK_TURNS = 2


def addresses_formally(_params: AddressesFormally, view: CallView) -> Outcome:
    """Uses of je that address the caller, without permission and not to a child."""
    if not view.of("agent"):
        return not_applicable("no_agent")
    reader = view.knowledge.address
    child = view.child_turns
    names = frozenset(word for name in view.caller_names for word in name.words)
    informal = reader.informal_uses(view.utterances, callers=names)
    uses = [use for use in informal if use.utterance.index not in child and not _of_everybody(view, use)]
    uses = to_caller(view, uses)
    if child and len(child) == len(view.utterances):
        return not_applicable("child")
    # What a child allows is not the adult's to whom it hands over.
    permission = reader.permission([u for u in view.utterances if u.index not in child])
    if permission is not None:
        before = [use for use in uses if use.utterance.index < permission[0]]
        after = [use for use in uses if use.utterance.index > permission[0]]
        strong_after = [use for use in after if use.strength == "strong"]
        if permission[1] == "doubtful" and strong_after and not _strong(before):
            return unsure("permission_doubtful", *(_quote(use) for use in strong_after[:2]))
        uses = before
    return _judge(view, uses, reader.formal_uses(view.utterances))


def _judge(view: CallView, uses: Sequence[AddressForm], formal: int) -> Outcome:
    strong = _strong(uses)
    sure = [use for use in strong if use.probability >= SURE_PRONOUN and not (view.recognised and _stray(view, use))]
    if strong:
        if _maybe_invited(view, sure):
            return unsure("words_uncertain", *(_quote(use) for use in strong[:2]))
        few = len({use.utterance.index for use in sure}) == 1
        heard = max((use.probability for use in sure), default=0.0)
        lone_mishearing = view.recognised and few and formal >= FORMAL_ENOUGH and heard < SURE_ALONE
        quotes = [_quote(use) for use in strong]
        if view.knowledge.address.child.may_call(view.utterances):
            return unsure("child_doubtful", *quotes[:2])
        if not sure or lone_mishearing:
            return unsure("words_uncertain", *quotes)
        return failed(*quotes, values={"quote": quotes[0].quote})
    weak_turns = {use.utterance.index for use in uses}
    if not formal and weak_turns:
        quotes = [_quote(use) for use in uses]
        if len(weak_turns) >= WEAK_TURNS and not view.recognised:
            return failed(*quotes, values={"quote": quotes[0].quote})
        return unsure("address_doubtful", *quotes)
    return passed(*_formal_quotes(view))


def _maybe_invited(view: CallView, sure: Sequence[AddressForm]) -> bool:
    """The caller's invitation, or that a child calls, may have been misheard.

    Either words much like it were heard before, or the agent went over from u to je for good, as after an invitation,
    and what was said up to then is not to be relied on.
    """
    if not view.recognised or not sure:
        return False
    first = sure[0].utterance.index
    before = [u for u in view.utterances if u.index < first]
    words = [word for key in ("asks", "permits") for word in view.lexicon.list("aanspreekvorm", key)]
    words += view.lexicon.list("aanspreekvorm", "child", "caller")
    if view.echo(words, before) is not None:
        return True
    reader = view.knowledge.address
    callers = [u for u in before if u.role == "caller"]
    later = [u for u in view.utterances if u.index >= first]
    often = len({use.utterance.index for use in sure}) > 1
    changed = often and reader.formal_uses(before) > 0 and reader.formal_uses(later) == 0
    return changed and not view.crisp(callers)


def _of_everybody(view: CallView, use: AddressForm) -> bool:
    """A weak je in a turn that says of whom it holds: `dan mag je niet rijden, dat geldt voor iedereen`."""
    return use.strength == "weak" and view.finder.any(view.lexicon.list("aanspreekvorm", "general"), use.utterance)


def _stray(view: CallView, use: AddressForm) -> bool:
    """`jij`, `jou dat weet ik`: a pronoun first in its turn without its verb is a misheard `ja`."""
    verbs = view.lexicon.words("aanspreekvorm", "finite")
    verbs |= frozenset(view.lexicon.list("aanspreekvorm", "personal_verbs", "after"))
    norms = use.utterance.norms
    return use.at == 0 and norms[0] in view.lexicon.words("aanspreekvorm", "stray") and verbs.isdisjoint(norms[1:2])


def _strong(uses: Sequence[AddressForm]) -> list[AddressForm]:
    return [use for use in uses if use.strength == "strong"]


def _quote(use: AddressForm) -> Evidence:
    start, end = use.span
    tokens = use.utterance.tokens
    return Evidence("agent", tokens[start].start_s, tokens[end - 1].end_s, use.utterance.quote(start, end))


def _formal_quotes(view: CallView) -> list[Evidence]:
    """The first turn in which the agent says u, as evidence of a pass."""
    formal = view.lexicon.words("aanspreekvorm", "formal")
    return [turn_evidence(u) for u in view.of("agent") if any(norm in formal for norm in u.norms)][:1]
