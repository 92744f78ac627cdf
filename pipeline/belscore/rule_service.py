"""The parameters of the check kinds on service: opening, holds, transfers, promises, questions and silence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from belscore.rule_transfer import AnnouncesTransfer, TransferFallback

Seconds = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Phrases = tuple[str, ...]


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DaypartGreeting(_Params):
    """A greeting and the hours it fits; `until` before `since` runs past midnight.

    short : the part of the day alone, which greets where a greeting stands
    """

    name: str
    words: Phrases
    short: Phrases
    since: ClockTime
    until: ClockTime


class Daypart(_Params):
    """The part of the day that is greeted fits the start of the call.

    corrections : beside the name of another part of the day they take a slip back: `o nee, middag alweer`
    """

    kind: Literal["daypart"]
    corrections: Phrases
    grace_min: Count
    greetings: tuple[DaypartGreeting, ...]


class Rings(_Params):
    """The call is answered within so many ring tones, each `period_s` after the one before."""

    kind: Literal["rings"]
    most: Count
    period_s: Annotated[float, Field(gt=0)]


class GreetingRate(_Params):
    """The greeting is not said faster than the agent speaks otherwise, nor too fast in itself.

    times_own     : how many times the agent's own rate counts as hurried, from `hurried_sps` on
    too_fast_sps  : too fast whatever the agent's own rate
    min_rest_s    : the agent's other speech, below which there is nothing to compare with
    margin        : share of a bound within which an estimate from recognised words does not decide
    """

    kind: Literal["greeting_rate"]
    times_own: float
    hurried_sps: float
    too_fast_sps: float
    min_greeting_s: Seconds
    min_syllables: Count
    min_rest_s: Seconds
    margin: Annotated[float, Field(ge=0, le=0.5)]


class AsksAgain(_Params):
    """The agent does not ask for a name the caller gave.

    asks     : ask for the name; `forgot` phrases say that it was forgotten
    not_with : beside these the agent asks for something else: spelling, another person's name
    themselves : of these phrases, said of the caller after all: "van uw achternaam"
    repair   : said in the very next turn they make it a name not heard
    said     : the caller answers that the name was given
    hints    : words about the name; they ask for it where the caller answers with nothing but the name
    hints_last : these do so as the last words of a turn: `en u bent`
    """

    kind: Literal["asks_again"]
    asks: Phrases
    forgot: Phrases
    not_with: Phrases
    themselves: Phrases
    repair: Phrases
    said: Phrases
    hints: Phrases
    hints_last: Phrases


class ShortAnswers(_Params):
    """The agent answers yes/no questions with more than the bare word, but for `most` times.

    denials : of the bare words; said to words without a negation they answer a question, whatever its form
    tags    : at the end of a sentence they make no question of it: `snapt u`
    stems   : verb forms that ask only in front of one of `stem_subjects`: `doe die maar` is a request
    first_person : verbs that follow on `ik` where one clause runs into the next without a comma
    requests : with `u` behind the verb they make it a request: `komt u maar`
    now      : adverbs of time that put the verb first in a statement
    modals   : verbs that ask even behind words that could be the first of a statement
    past     : verbs that tell rather than ask there
    alternatives : behind `of` they make the question a choice
    closers  : behind verb + `ik` they show that it told: `doe ik dank u wel`
    so       : leads behind which verb + subject may tell as well: `dus ga ik naar huis`
    copulas  : between an insult and `jullie` these ask nothing
    whether  : in front of `of` they make it no choice: `kunt u kijken of hij er is`
    asks_last : as the last word they make a question of what could tell: `betalen hoef ik niks dan`
    assents  : with one of these the agent answers what was put for assent: `dus ik mag meer`
    favours  : at the head of a sentence these ask for something, though it ends without a mark: `kan ik dan komen`
    """

    kind: Literal["short_answers"]
    bare: Phrases
    denials: Phrases
    hesitations: Phrases
    tags: Phrases
    stems: Phrases
    stem_subjects: Phrases
    first_person: Phrases
    requests: Phrases
    now: Phrases
    modals: Phrases
    past: Phrases
    alternatives: Phrases
    closers: Phrases
    so: Phrases
    favours: Phrases
    copulas: Phrases
    whether: Phrases
    asks_last: Phrases
    assents: Phrases
    most: Count


class ListeningSignals(_Params):
    """Within the caller's turns of `long_turn_s` or more the agent gives signs of listening.

    signal_s : longest sound that counts as one; `signal_words` may take a little longer
    """

    kind: Literal["listening_signals"]
    long_turn_s: Seconds
    signal_s: Seconds
    least: Count


class AsksQuestions(_Params):
    """The agent asks at least so many questions about the caller's problem.

    not_about : sentences with one of these do not count
    about     : but with one of these they do: `wie bent u` is not about the matter, `bij wie bent u geweest` is
    yes_no    : a turn that the caller answers so is a question, unless it is one of the `remarks`
    """

    kind: Literal["asks_questions"]
    least: Count
    not_about: Phrases
    about: Phrases = ()
    yes_no: Phrases
    remarks: Phrases


class Silence(_Params):
    """No silence lasts longer unless somebody announced it.

    announces    : the agent looks something up, notes or fetches
    not_now      : beside these words it is not announced: it is for later, or no action
    asks_data    : the agent asks for what a look-up needs, which is no word of it; one announced before goes on
    theirs       : behind these words it is for the caller to do
    waits        : the agent asks the caller to wait, unless a phrase of `no_wait` overlaps the words
    fetches      : the agent asks the caller to look or fetch
    asks_time    : the caller asks for time; `asks_time_last` phrases only where the turn ends with them
    goes_for     : the caller goes to get something or tells where it lies: where the agent only assents to it and the
                   caller speaks next
    """

    kind: Literal["silence"]
    longest_s: Seconds
    announces: Phrases
    not_now: Phrases
    asks_data: Phrases
    theirs: Phrases
    waits: Phrases
    no_wait: Phrases = ()
    fetches: Phrases
    asks_time: Phrases
    asks_time_last: Phrases
    goes_for: Phrases


class HoldRequest(_Params):
    """Before a hold the agent asks politely and the caller reacts.

    curt   : requests that are curt where no `polite` word and no `reason` stands beside them
    """

    kind: Literal["hold_request"]
    curt: Phrases
    polite: Phrases
    reason: Phrases


class HoldLength(_Params):
    """A hold that takes longer than `longest_s` has a check-in or an offer to call back."""

    kind: Literal["hold_length"]
    longest_s: Seconds
    offers: Phrases


class PromiseTerm(_Params):
    """Every promise to call back has a term. Inventory in `lexicon/termijnen.toml`."""

    kind: Literal["promise_term"]


class PromiseNumber(_Params):
    """With a promise to call back the number is asked, confirmed or given.

    asks      : the agent asks for the number or puts the one known to the caller
    in_question : words of the caller's number, with which any question asks for it
    gives     : the caller gives a number or says which
    known     : the agent says the number is known, and no more
    asks_known : the caller asks whether it is
    on_file   : where it stands, in answer to that
    other_numbers : right in front of digits, or in what they answer: no telephone number, unless it is long
    not_caller : in front of digits that the agent says, the number of others, or of the practice
    by_letter : the promise is to write, not to call
    offers_letter, wants_letter : the agent asks whether to write instead, the caller would rather have that
    calls     : words of calling, which outweigh `by_letter`
    """

    kind: Literal["promise_number"]
    asks: Phrases
    in_question: Phrases
    other_numbers: Phrases
    not_caller: Phrases
    gives: Phrases
    known: Phrases
    asks_known: Phrases
    on_file: Phrases
    by_letter: Phrases
    offers_letter: Phrases
    wants_letter: Phrases
    calls: Phrases
    min_digits: Count


class FollowUp(_Params):
    """What is to happen after the call is said with its moment.

    tasks      : the agent takes on something that happens later
    not_tasks  : look like it but are done at once or confirm only
    calls_again, happens : the caller is to call again, something will be ready; they count with their moment only
    settles    : so does what the caller can do then, but only where something is to happen
    sets_out   : the caller is to come; that counts where it is at once
    kept       : a place is kept for the caller, which counts with a moment
    supposes   : in a sentence with one of these words it is only for a case
    """

    kind: Literal["follow_up"]
    tasks: Phrases
    not_tasks: Phrases
    calls_again: Phrases
    happens: Phrases
    settles: Phrases
    sets_out: Phrases
    kept: Phrases
    supposes: Phrases


ServiceCheck = (
    Daypart
    | Rings
    | GreetingRate
    | AsksAgain
    | ShortAnswers
    | ListeningSignals
    | AsksQuestions
    | Silence
    | HoldRequest
    | HoldLength
    | AnnouncesTransfer
    | TransferFallback
    | PromiseTerm
    | PromiseNumber
    | FollowUp
)
