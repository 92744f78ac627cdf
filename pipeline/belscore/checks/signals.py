"""Check kind `listening_signals`: signs of listening while the caller tells something long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.call import Span
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.rule_service import ListeningSignals
from belscore.scorecard import Evidence, Measured
from belscore.view import CallView

# A caller who pauses this long with only a signal in between is still telling (SPEECH.md 2.3).
FLOOR_GAP_S = 2.0
# Edges of measured spans are this uncertain.
EDGE_S = 0.1
# A sound this long that leaves the caller talking took nothing over either: "ach, wat vervelend voor u".
THROUGH_S = 1.5


@dataclass(frozen=True, slots=True)
class _Story:
    """A stretch in which the caller holds the floor, and the agent's short sounds in it."""

    span: Span
    signals: tuple[Span, ...]


def listening_signals(params: ListeningSignals, view: CallView) -> Outcome:
    """All long turns of the caller together; where none is long there is nothing to judge."""
    stories = [story for story in _stories(params, view) if story.span.duration_s >= params.long_turn_s]
    if not stories:
        return not_applicable("no_long_turn")
    if view.call.channels == "mixed":
        return unsure("channels_mixed")
    count = sum(len(story.signals) for story in stories)
    measured = Measured(float(count), "keer", f"minstens {params.least}")
    longest = max(stories, key=lambda story: story.span.duration_s)
    values = {"count": str(count), "seconds": f"{longest.span.duration_s:.0f}"}
    if count >= params.least:
        spans = [span for story in stories for span in story.signals]
        return passed(*(_quote(view, span) for span in spans), values=values, measured=measured)
    if view.recognised and view.call.speech is None:  # recognisers drop a hum; only the sound would show it
        return unsure("words_uncertain", measured=measured)
    place = Evidence("caller", longest.span.start_s, longest.span.end_s, "")
    return failed(place, values=values, measured=measured)


def _stories(params: ListeningSignals, view: CallView) -> list[_Story]:
    """The caller's spans joined over pauses in which the agent gives no more than a signal."""
    agents = list(view.call.speech_of("agent")) + list(view.call.speech_of("colleague"))
    stories: list[_Story] = []
    for span in view.call.speech_of("caller"):
        last = stories[-1].span if stories else None
        if last is not None and span.start_s - last.end_s <= FLOOR_GAP_S:
            between = [a for a in agents if a.start_s < span.start_s and a.end_s > last.end_s]
            if all(_is_signal(params, view, a, Span(last.start_s, span.end_s)) for a in between):
                stories[-1] = _Story(Span(last.start_s, max(last.end_s, span.end_s)), ())
                continue
        stories.append(_Story(span, ()))
    return [_with_signals(params, view, story, agents) for story in stories]


def _with_signals(params: ListeningSignals, view: CallView, story: _Story, agents: Sequence[Span]) -> _Story:
    inside = [a for a in agents if story.span.start_s < a.start_s and a.end_s < story.span.end_s]
    return _Story(story.span, tuple(a for a in inside if _is_signal(params, view, a, story.span)))


def _is_signal(params: ListeningSignals, view: CallView, sound: Span, story: Span) -> bool:
    """Short, and no question that the caller goes on to answer."""
    if not (story.start_s <= sound.start_s and sound.end_s <= story.end_s):
        return False
    through = any(sound.overlap_s(s) >= 0.8 * sound.duration_s for s in view.call.speech_of("caller"))
    if sound.duration_s > (THROUGH_S if through else params.signal_s) + EDGE_S:
        return False
    if not through and _answers(view, sound):
        return False
    return through or not any(
        u.turn.text.rstrip().endswith("?") for u in view.of("agent") if u.turn.span.overlap_s(sound)
    )


def _answers(view: CallView, sound: Span) -> bool:
    """The caller had just put a question: a short "nee" to it is an answer, after which a new turn begins."""
    asked = [u for u in view.of("caller") if u.turn.end_s <= sound.start_s + EDGE_S]
    if view.recognised or not asked:
        return False
    questions = view.asking.questions(asked[-1])
    return bool(questions) and questions[-1].end == len(asked[-1].tokens)


def _quote(view: CallView, span: Span) -> Evidence:
    text = " ".join(u.turn.text for u in view.of("agent") if u.turn.span.overlap_s(span) > 0.5 * span.duration_s)
    return Evidence("agent", span.start_s, span.end_s, text)
