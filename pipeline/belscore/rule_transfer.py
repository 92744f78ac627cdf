"""The parameters of the check kinds on handing a caller over."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Phrases = tuple[str, ...]


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnnouncesTransfer(_Params):
    """Before a transfer the agent says so, and to whom or why.

    afterwards   : tell of an attempt that was not announced
    handover     : other words for handing the caller over
    fetches      : right before a colleague answers they announce one
    targets      : words that name a person or desk, or a reason
    goes_there   : of what was told before the caller asked something else, what still says where they have to go
    caller_refers : the caller asks about whoever was told of: `zijn die er vandaag`
    reasons      : words that open a reason; in a question to the caller it is that of the question
    matters      : words that open a mere mention of what the caller told: `de rekening, goed`
    answers_of   : words that open an answer, with one of `permits` and none of `names_anew`, to the caller
    asks_told    : the agent asks what somebody told the caller, who is nobody to go to for that
    comforts     : what sets the caller at ease names nobody, and is no reason
    caller_wonders : the caller asks to whom, or why
    caller_asks  : the caller asks for a person or desk
    caller_vague, persons, things : the same, unless one of `things` and none of `persons` comes close behind
    caller_unsure : beside these they do not: `ik weet niet wie ik moet hebben`
    caller_opens : the same where a name follows
    caller_seeks : the same where a name follows, and more may follow that
    caller_wants : of these the name has a capital
    caller_guesses : the caller asks whether this is it
    new_subject  : the caller takes up something else; whom they named before is not meant any more
    idle         : words around a bare announcement that name nobody
    """

    kind: Literal["announces_transfer"]
    afterwards: Phrases
    handover: Phrases
    fetches: Phrases
    targets: Phrases
    goes_there: Phrases
    caller_refers: Phrases
    reasons: Phrases
    matters: Phrases
    answers_of: Phrases
    permits: Phrases
    names_anew: Phrases
    asks_told: Phrases
    comforts: Phrases
    caller_wonders: Phrases
    caller_asks: Phrases
    caller_vague: Phrases
    persons: Phrases
    things: Phrases
    caller_unsure: Phrases
    caller_opens: Phrases
    caller_seeks: Phrases
    caller_wants: Phrases
    caller_guesses: Phrases
    new_subject: Phrases
    idle: Phrases


class TransferFallback(_Params):
    """When the colleague does not answer, the agent offers a call-back or a note.

    not_absent : of the caller or the agent words like those of `no_answer` tell nobody's absence
    notes    : words of such an offer or of other things: not behind one of `new_subject`, where the caller goes on
    helps    : the agent takes on the matter themselves, which will do where nothing puts the caller off
    refuses  : the agent turns down the note or call-back that the caller asks for
    puts_off : the caller is left to try again, or somewhere else
    absent   : words for who did not answer, in the turn of an agent who is back
    answers  : of whoever answers the telephone, who is not the agent back again
    """

    kind: Literal["transfer_fallback"]
    no_answer: Phrases
    not_absent: Phrases
    offers: Phrases
    notes: Phrases
    new_subject: Phrases
    helps: Phrases
    refuses: Phrases
    puts_off: Phrases
    absent: Phrases
    answers: Phrases
