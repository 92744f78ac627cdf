"""The coaching sheet as text for the terminal and as one page to print. What it says stands in `texts/coachen.toml`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from belscore.coaching import MIN_REVIEWED, Change, Clip
from belscore.coaching_sheet import Practised, Sheet
from belscore.intervals import Share
from belscore.packaged import packaged_toml
from belscore.report.wording import MARKS, wording
from belscore.store.comments import Comment

# Played from a moment before the words: a clip that starts on its first sound is missed.
_LEAD_S = 1.0


def texts() -> Mapping[str, Mapping[str, str]]:
    """The tables of `texts/coachen.toml`."""
    return packaged_toml(__package__, "texts", "coachen.toml")


def format_sheet(sheet: Sheet, *, as_agent: bool = False, width: int = 100) -> str:
    """The sheet as text; `as_agent` tells how to object."""
    rows = [f"{_say('title')} – {sheet.agent}", _period(sheet), "", _work_on(sheet)]
    rows += [row for each in sheet.habits for row in _habit(each)] or [f"  {_nothing(sheet)}"]
    rows += ["", _say("goes_well")]
    rows += [row for each in sheet.strengths for row in _strength(each)] or [f"  {_say('no_strength')}"]
    rows += ["", _since(sheet)]
    if sheet.talk and sheet.talk.note:
        rows.append(f"  {_say('note')}: {sheet.talk.note}")
    for _, title, lines in _changes(sheet):
        rows += [f"  {title}", *(f"    {line}" for line in lines)]
    if not sheet.changes:
        rows.append(f"  {_say('talk_rules') if sheet.talk else _say('no_talk')}")
    said = [f"  {line}" for line in _comments(sheet)] + ([f"  {_say('object')}"] if as_agent else [])
    rows += ["", _say("comments"), *said] if said else []
    rows += ["", *([_left_out(sheet)] if sheet.left_out else []), _say("caution")]
    return "\n".join(line for row in rows for line in _wrapped(row, width)) + "\n"


def format_sheet_page(sheet: Sheet, *, as_agent: bool = False, page: Path | None = None) -> str:
    """The sheet as a page; `page` is where it will lie, from where recordings that are there can be played."""
    from belscore.report.html import recording_href, render

    return render(
        "coaching.html.j2",
        "nl",
        more_style="coaching.css",
        sheet=sheet,
        text=texts()["sheet"],
        period=_period(sheet),
        work_on=_work_on(sheet),
        nothing=_nothing(sheet),
        since_talk=_since(sheet),
        changes=_changes(sheet),
        comments=list(_comments(sheet)),
        as_agent=as_agent,
        left_out=_left_out(sheet) if sheet.left_out else "",
        went=_went,
        range_of=_range,
        where=_where,
        playing=lambda clip: f"{max(0.0, clip.span.start_s - _LEAD_S):.1f},{clip.span.end_s + _LEAD_S:.1f}",
        sounds={
            call_id: recording_href(Path(path), page) if Path(path).is_file() else None
            for call_id, path in sheet.recordings.items()
        },
    )


def comment_line(comment: Comment, titles: Mapping[str, str]) -> str:
    """A comment in one line: when, by whom, beside what, and its words."""
    rule = f", {titles.get(comment.rule_id, comment.rule_id)}" if comment.rule_id else ""
    kind = texts()["kinds"][comment.kind]
    beside = f"{_say('call').format(comment.call_id)}{rule}"
    head = f"{wording('nl').moment(comment.made_at)} · {comment.author}, {kind} {comment.id}"
    return f"{head} · {beside}: {' '.join(comment.text.split())}"


def _say(key: str) -> str:
    return texts()["sheet"][key]


def _period(sheet: Sheet) -> str:
    calls = _say("one_call") if sheet.calls == 1 else _say("calls").format(sheet.calls)
    return _say("period").format(
        calls=calls, since=wording("nl").day(sheet.since), until=wording("nl").day(sheet.until)
    )


def _work_on(sheet: Sheet) -> str:
    return _say({0: "work_on", 1: "work_on_one"}.get(len(sheet.habits), "work_on_two"))


def _nothing(sheet: Sheet) -> str:
    return _say("few_calls").format(sheet.min_calls) if not sheet.enough else _say("no_habit")


def _since(sheet: Sheet) -> str:
    return _say("since_talk").format(wording("nl").day(sheet.talk.held_on)) if sheet.talk else _say("changed")


def _went(each: Practised) -> str:
    share, reviewed = each.shown.share, each.shown.reviewed
    went = _say("went_well").format(hits=share.hits, of=share.of, share=wording("nl").percent(share.value or 0.0))
    return went if reviewed >= MIN_REVIEWED else f"{went} {_say('provisional').format(reviewed)}"


def _range(each: Practised) -> str:
    low, high = (wording("nl").percent(limit) for limit in each.shown.share.interval or (0.0, 1.0))
    return _say("range").format(low=low, high=high)


def _where(clip: Clip) -> str:
    say = wording("nl")
    when = say.moment(clip.started_at) if clip.started_at else _say("unknown_day")
    span = _say("clip").format(when=when, start=say.clock(clip.span.start_s), end=say.clock(clip.span.end_s + 0.99))
    return f"{_say('call').format(clip.call_id)}, {span}" + (f" · {_say('confirmed')}" if clip.confirmed else "")


def _habit(each: Practised) -> Iterator[str]:
    yield f"  {each.title}"
    yield f"    {_went(each)} {_range(each)}"
    if each.why:
        yield f"    {_say('why')}: {each.why}"
    yield f"    {_say('listen')}:" if each.clips else f"    {_say('no_clip')}"
    for clip in each.clips:
        yield from _clip(clip)


def _strength(each: Practised) -> Iterator[str]:
    yield f"  {MARKS['pass']} {each.title}"
    yield f"    {_went(each)}"
    for clip in each.clips:
        yield from _clip(clip)


def _clip(clip: Clip) -> Iterator[str]:
    say = wording("nl")
    yield f"    • {_where(clip)}"
    for quote in clip.quotes:
        yield f"      {say.table('roles')[quote.role]}: “{quote.quote}”"
    if clip.finding.verdict == "fail":
        yield f"      {say.sentence(clip.finding.feedback)}"
        if clip.finding.say_instead:
            yield f"      {_say('say_rather')}: “{clip.finding.say_instead}”"


def _changes(sheet: Sheet) -> list[tuple[str, str, list[str]]]:
    """Of each rule of the last talk the direction of its change, its title, and what to say of it."""
    return [(each.direction, sheet.titles.get(each.rule_id, each.rule_id), _told(each)) for each in sheet.changes]


def _told(each: Change) -> list[str]:
    counts = _say("before_after").format(before=_part(each.before), after=_part(each.after))
    lines = [counts, texts()["change"][each.direction]]
    return [*lines, _say("rules_change")] if each.rules_changed and each.direction != "few" else lines


def _part(share: Share) -> str:
    if share.value is None:
        return _say("no_part")
    return _say("part").format(hits=share.hits, of=share.of, share=wording("nl").percent(share.value))


def _comments(sheet: Sheet) -> Iterator[str]:
    for comment in sheet.comments:
        yield comment_line(comment, sheet.titles)


def _left_out(sheet: Sheet) -> str:
    return _say("left_out_one") if sheet.left_out == 1 else _say("left_out").format(sheet.left_out)


def _wrapped(row: str, width: int) -> list[str]:
    indent = " " * (len(row) - len(row.lstrip(" •")))
    return textwrap.wrap(row, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
