"""Ring tones and hold music: sound on the line that is nobody's speech."""

from __future__ import annotations

from belscore.audio import Recording
from belscore.call import Span


def ring_spans(recording: Recording) -> tuple[Span, ...]:
    return ()


def hold_spans(recording: Recording, speech: tuple[tuple[Span, ...], ...]) -> tuple[Span, ...]:
    return ()
