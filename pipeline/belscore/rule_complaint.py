"""The parameters of the check kinds on appointments, complaints and aggression."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Phrases = tuple[str, ...]
Since = Literal["complaint", "aggression"]


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OffersChoice(_Params):
    """The agent offers two distinct moments before one is booked.

    only_one : the agent says that there is no other
    """

    kind: Literal["offers_choice"]
    only_one: Phrases = ()


class Steers(_Params):
    """The agent asks no open question for a moment before offering one."""

    kind: Literal["steers"]


class RepeatsAppointment(_Params):
    """The agent repeats the booked moment, with its right value."""

    kind: Literal["repeats_appointment"]


class HearsOut(_Params):
    """The agent does not interrupt the first account of the complaint. `announced` phrases make it no interruption."""

    kind: Literal["hears_out"]
    announced: Phrases


class Avoids(_Params):
    """Some phrases are not said from the start of a complaint or outburst on.

    statements : groups of statements (`statements.py`) that are the fault
    insults    : so is every word that would open `agressie` from a caller
    opening    : phrases that are the fault only as the first words of a sentence
    not_with   : words that, overlapping or beside a phrase, make it something else
    quoting    : in the same sentence before it, these make it the caller's own words
    closing    : so do these at the end of the sentence or right behind it
    disputed   : groups of statements that are the fault only where the caller's answer has one of `rebuts`
    general    : words that make it a habit: without them the caller's own story put back to them is no fault
    kindly     : phrases that are a kind word where the agent takes leave with one of `leave` behind them
    """

    kind: Literal["avoids"]
    since: Since
    phrases: Phrases = ()
    statements: Phrases = ()
    insults: bool = False
    opening: Phrases = ()
    not_with: Phrases = ()
    quoting: Phrases = ()
    closing: Phrases = ()
    disputed: Phrases = ()
    rebuts: Phrases = ()
    general: Phrases = ()
    kindly: Phrases = ()
    leave: Phrases = ()


class SaysBefore(_Params):
    """Some phrase or statement (`statements.py`) is said before a solution is offered, or in the same turn.

    cries     : exclamations that count as well, but in no turn that belittles the complaint and not in the last one
    belittles : phrases that do; so do the statements named in `faults`
    """

    kind: Literal["says_before"]
    before: Literal["solution"]
    any_of: Phrases
    statements: Phrases = ()
    not_with: Phrases = ()
    cries: Phrases = ()
    belittles: Phrases = ()
    faults: Phrases = ()


class Summarises(_Params):
    """The agent puts the complaint in own words; what marks a summary stands in `lexicon/luisteren.toml`."""

    kind: Literal["summarises"]


class OffersSolution(_Params):
    """The agent says what will be done; merely handing it on without whom or when does not count.

    also  : says what can be done, beside the lexicon of solutions
    dares : offers nothing right behind a turn in which the caller says with one of `comes` that they will come
    """

    kind: Literal["offers_solution"]
    since: Since
    also: Phrases = ()
    dares: Phrases = ()
    comes: Phrases = ()


class AnnouncesCheck(_Params):
    """The agent announces a later contact that asks whether the solution worked.

    contact    : says that the practice gets in touch with the caller
    purpose    : says that the contact asks for the result, at most `within` words from it
    statements : groups of statements (`statements.py`) that say both
    not_with   : phrases that make the contact one with somebody else
    inner      : words that begin a clause: a purpose that begins so, in front of the contact, is of something else
    """

    kind: Literal["announces_check"]
    contact: Phrases
    purpose: Phrases
    within: Annotated[int, Field(ge=0)]
    statements: Phrases = ()
    not_with: Phrases = ()
    inner: Phrases = ()


class AnswersRequest(_Params):
    """Asked for something by the caller, the agent names one of the answers.

    threats     : what these cover is a threat and asks nothing
    declines    : nor does what follows on one of these: `ik wil geen klacht indienen`
    statements  : groups of statements (`statements.py`) that ask for it too
    hinted      : weaker requests: an answer to them passes, none is no fault
    refusals    : phrases that turn the request down; an answer that one of them covers does not count
    weak        : of the answers those that do not count when the caller then asks once more
    again       : how the caller does so, besides a question with one of `asked`
    dissuades   : the agent talks the caller out of it: then a weak answer does not count either
    where_to    : unless one of these in its sentence tells where it can be filed
    """

    kind: Literal["answers_request"]
    asked: Phrases
    statements: Phrases = ()
    threats: Phrases = ()
    declines: Phrases = ()
    hinted: Phrases = ()
    answers: Phrases
    refusals: Phrases = ()
    weak: Phrases = ()
    again: Phrases = ()
    dissuades: Phrases = ()
    where_to: Phrases = ()


class SetsLimit(_Params):
    """When aggression goes on, the agent names the behaviour; who ends the call announces it.

    any_of      : names the behaviour or sets the limit
    statements  : groups of statements (`statements.py`) that do
    not_with    : words that make it no limit
    hints       : may name the behaviour: with one of these in place of a limit it is unsure
    announces   : says that the call will be ended
    """

    kind: Literal["sets_limit"]
    any_of: Phrases
    statements: Phrases = ()
    not_with: Phrases = ()
    hints: Phrases = ()
    announces: Phrases


class RateChange(_Params):
    """After the outburst the agent talks at most `most` (a share) faster than before.

    margin : share around the bound in which an estimate from recognised words does not decide
    """

    kind: Literal["rate_change"]
    most: Annotated[float, Field(ge=0)]
    min_speech_s: Annotated[float, Field(gt=0)]
    margin: Annotated[float, Field(ge=0, le=0.5)]


ComplaintCheck = (
    OffersChoice
    | Steers
    | RepeatsAppointment
    | HearsOut
    | Avoids
    | SaysBefore
    | Summarises
    | OffersSolution
    | AnnouncesCheck
    | AnswersRequest
    | SetsLimit
    | RateChange
)
