"""Spans in order and apart, looked up by time without going through all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from belscore.call import Span, Word


class SpanIndex:
    """Spans in order and apart, to look times up in."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._starts_s = [span.start_s for span in spans]
        self._ends_s = [span.end_s for span in spans]

    def covers(self, word: Word) -> bool:
        """Whether more than half of the word lies in one of the spans."""
        first = bisect_right(self._ends_s, word.start_s)
        if first == len(self._ends_s) or self._starts_s[first] >= word.end_s:
            return False
        half_s = 0.5 * (word.end_s - word.start_s)
        for at in range(first, len(self._ends_s)):
            if self._starts_s[at] >= word.end_s:
                break
            if min(word.end_s, self._ends_s[at]) - max(word.start_s, self._starts_s[at]) > half_s:
                return True
        return False

    def meets(self, start_s: float, end_s: float) -> bool:
        """Whether any of the spans lies in a stretch in part."""
        first = bisect_right(self._ends_s, start_s)
        return first < len(self._ends_s) and self._starts_s[first] < end_s

    def leaves(self, span: Span) -> Iterator[Span]:
        """What of a span lies outside these."""
        start_s = span.start_s
        for at in range(bisect_right(self._ends_s, span.start_s), len(self._spans)):
            if self._starts_s[at] >= span.end_s:
                break
            if self._starts_s[at] > start_s:
                yield Span(start_s, self._starts_s[at])
            start_s = max(start_s, self._ends_s[at])
        if start_s < span.end_s:
            yield Span(start_s, span.end_s)

    def inside(self, span: Span) -> list[Span]:
        """The parts of a span that lie in these."""
        first, last = bisect_right(self._ends_s, span.start_s), bisect_left(self._starts_s, span.end_s)
        return [Span(max(each.start_s, span.start_s), min(each.end_s, span.end_s)) for each in self._spans[first:last]]

    def end_around_s(self, at_s: float) -> float:
        """Where the span around a time ends; the time itself when it lies in none."""
        at = bisect_left(self._ends_s, at_s)
        return self._ends_s[at] if at < len(self._spans) and self._starts_s[at] < at_s else at_s
