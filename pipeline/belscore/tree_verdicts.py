"""What of a practice's question trees was heard in a call: asked, told, missing, or not to be said for certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from belscore.asking import QuestionReader
from belscore.call import Role, Span
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.checks.phrases import LOST_TURN_S
from belscore.checks.questions import ENDINGS
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, fold
from belscore.question_trees import Phrases, Tree, TreeAnswer, TreeQuestion
from belscore.scorecard import Evidence, QuestionFinding, QuestionVerdict
from belscore.tree_traces import Traces
from belscore.view import MIN_PROBABILITY, CallView, evidence, turn_evidence

VERDICTS: Mapping[str, QuestionVerdict] = {"pass": "covered", "fail": "missing"}


def judge_trees(trees: Sequence[Tree], view: CallView) -> Iterator[tuple[Tree, TreeQuestion | TreeAnswer, Outcome]]:
    """Every item of the trees that apply with `pass` for covered and `fail` for missing, as checks say it."""
    for tree in trees:
        cues = _reasons(tree, view)
        if cues is not None:
            judge = _Judge(tree, view, cues)
            yield from ((tree, item, judge.outcome(item)) for item in tree.items)


def finding_of(
    tree: Tree, item: TreeQuestion | TreeAnswer, outcome: Outcome, reasons: Mapping[str, str]
) -> QuestionFinding:
    """The item as it stands on the card; `reasons` are the texts of reasons for doubt."""
    reason = reasons.get(outcome.reason, outcome.reason) if outcome.reason and outcome.verdict == "unsure" else None
    return QuestionFinding(
        tree=tree.id,
        tree_title=tree.title,
        item=item.id,
        kind="question" if isinstance(item, TreeQuestion) else "answer",
        title=item.title,
        verdict="unsure" if outcome.verdict == "unsure" else VERDICTS.get(outcome.verdict, "not_applicable"),
        reason=reason,
        evidence=outcome.evidence,
    )


def _reasons(tree: Tree, view: CallView) -> list[Match] | None:
    """Where the caller says the reason, [] for a tree that needs none; None when the tree does not apply."""
    department = view.call.department
    if tree.departments and (department is None or fold(department) not in map(fold, tree.departments)):
        return None
    callers = view.of("caller")
    if not callers or any(view.finder.any(tree.not_reason, utterance) for utterance in callers):
        return None
    cues = _affirmed(view, tree.reason, callers)
    return cues if cues or not tree.reason else None


def _affirmed(view: CallView, phrases: Phrases, turns: Sequence[Utterance]) -> list[Match]:
    """Where one of the phrases is said and not denied by the word in front: `geen kiespijn`.

    The negation inside a phrase of several words is the finder's.
    """
    denials = view.lexicon.negations
    matches = view.find(phrases, turns)
    return [each for each in matches if not (each.start and each.utterance.norms[each.start - 1] in denials)]


@dataclass(frozen=True)
class _Judge:
    """Judges the items of one tree on one call; `cues` is where the caller says the reason."""

    tree: Tree
    view: CallView
    cues: Sequence[Match]

    @cached_property
    def staff(self) -> list[Utterance]:
        """Who picked up and whom they passed the call to: a question that a colleague asks is asked."""
        return [u for u in self.view.utterances if u.role in ("agent", "colleague") and u.tokens]

    @cached_property
    def later(self) -> list[Utterance]:
        """The staff's turns that end after the reason was told."""
        return [u for u in self.staff if u.turn.end_s > self.since_s and u.index not in self.view.hums]

    @property
    def since_s(self) -> float:
        return self.cues[0].start_s if self.cues else 0.0

    @cached_property
    def reader(self) -> QuestionReader:
        return self.view.asking

    def outcome(self, item: TreeQuestion | TreeAnswer) -> Outcome:
        heard = self._heard(item)
        if heard is not None:
            return passed(evidence(heard))
        applies = self._applies(item)
        if applies is None:
            return not_applicable("branch")
        close = self._close(item)
        if close is not None:
            return unsure("words_close", close)
        for reason, holds in ENDINGS:
            # Who heard more turns than there are items was not left too early.
            if holds(self.view) and not (reason == "caller_hung_up" and len(self.later) > len(self.tree.items)):
                return unsure(reason)
        if not applies:
            return unsure("situation_doubtful")
        if not self._sure_reason():
            return unsure("situation_doubtful", *(evidence(cue) for cue in self.cues[:1]))
        if not self._well_heard(item):
            return unsure("words_uncertain")
        return failed(*(evidence(cue) for cue in self.cues[:1]))

    def _heard(self, item: TreeQuestion | TreeAnswer) -> Match | None:
        """Where the staff say it, else where the caller told it unasked."""
        if isinstance(item, TreeAnswer):
            return next(iter(_affirmed(self.view, item.say, self.staff)), None)
        return self._asked(item) or self.view.finder.first(item.given, self.view.of("caller"))

    def _asked(self, item: TreeQuestion) -> Match | None:
        return next((match for match in self.view.find(item.ask, self.staff) if not self._is_condition(match)), None)

    def _is_condition(self, match: Match) -> bool:
        """`heeft u koorts, belt u dan terug.`: in written text the comma behind it and no question mark tell."""
        tokens = match.utterance.tokens
        _, end = match.utterance.sentence_of(match.end - 1)
        written = not self.view.recognised and self.view.punctuated
        return written and tokens[match.end - 1].after == "," and match.end < end and tokens[end - 1].after != "?"

    def _applies(self, item: TreeQuestion | TreeAnswer) -> bool | None:
        """Whether what the item hangs on was said: None when not, False when it is doubtful."""
        if not (item.only_if or item.if_yes or item.if_no):
            return True
        callers = self.view.of("caller")
        if _affirmed(self.view, item.only_if, callers):
            return True
        replies = [
            self._reply(question, denied=wanted is item.if_no)
            for question in self.tree.questions
            for wanted in (item.if_yes, item.if_no)
            if wanted == question.id
        ]
        if True in replies:
            return True
        near = self.view.recognised and self.view.finder.first(item.only_if, callers, doubtful=True) is not None
        return False if near or False in replies else None

    def _reply(self, question: TreeQuestion, *, denied: bool) -> bool | None:
        """Whether the caller says yes to the question, or no; False when that is doubtful, None when they do not."""
        asked = self._asked(question)
        if asked is None:
            return None
        later = self.view.utterances[asked.utterance.index + 1 :]
        reply = next((u for u in later if u.tokens and u.role == "caller"), None)
        if reply is None:
            return None
        lexicon = self.view.lexicon
        yes, no = lexicon.words("luisteren", "confirms"), lexicon.words("einde", "refusals")
        if reply.norms[0] not in (no if denied else yes):
            return False if self.view.recognised and reply.norms[0] not in yes | no else None
        # Behind a second question it is not known which of the two was answered.
        return asked.utterance.sentence_of(asked.start)[1] == len(asked.utterance.tokens)

    def _close(self, item: TreeQuestion | TreeAnswer) -> Evidence | None:
        """What may have been the item, in other words or misheard."""
        phrases = item.ask if isinstance(item, TreeQuestion) else item.say
        told = item.given if isinstance(item, TreeQuestion) else ()
        callers = self.view.of("caller")
        if self.view.recognised:
            for wanted, turns in ((phrases, self.staff), (told, callers)):
                near = self.view.finder.first(wanted, turns, doubtful=True)
                if near is not None:
                    return evidence(near)
                echoing = self.view.echo(wanted, turns)
                if echoing is not None:
                    return turn_evidence(echoing)
        traces = Traces(self.view, self.reader, phrases, known=self.tree.reason, taken=self._taken(item))
        if isinstance(item, TreeAnswer):
            return traces.told(self.staff) or traces.confirmed()
        return traces.asked(self.staff) or traces.confirmed() or traces.also(told).told(callers)

    def _taken(self, item: TreeQuestion | TreeAnswer) -> frozenset[tuple[int, int]]:
        """(turn, token) of the words that say another item: they are no trace of this one."""
        found: list[Match] = []
        for other in self.tree.items:
            if other is item:
                continue
            mine, theirs = (other.ask, other.given) if isinstance(other, TreeQuestion) else (other.say, ())
            found += self.view.find(mine, self.staff)
            found += [m for each in (theirs, other.only_if) for m in self.view.find(each, self.view.of("caller"))]
        return frozenset((match.utterance.index, at) for match in found for at in range(match.start, match.end))

    def _sure_reason(self) -> bool:
        """Whether the reason was well heard, and nothing that may have been what makes it another matter."""
        if self.cues and max(cue.probability for cue in self.cues) < MIN_PROBABILITY:
            return False
        callers, other = self.view.of("caller"), self.tree.not_reason
        if not (self.view.recognised and other):
            return True
        near = self.view.finder.first(other, callers, doubtful=True) or self.view.echo(other, callers)
        traces = Traces(self.view, self.reader, other, known=self.tree.reason, taken=frozenset())
        return near is None and traces.told(callers) is None

    def _well_heard(self, item: TreeQuestion | TreeAnswer) -> bool:
        """Whether the words are good enough to say that something was not among them.

        Of a question the caller's words as well: they may have told it, or answered what was not heard.
        """
        parties: list[tuple[Role, Sequence[Utterance]]] = [("agent", self.later), ("colleague", ())]
        if isinstance(item, TreeQuestion):
            parties.append(("caller", self.view.spoken("caller")))
        span = Span(self.since_s, self.view.call.duration_s)
        return all(self.view.unheard_s(role, span) <= LOST_TURN_S and self.view.clear(turns) for role, turns in parties)
