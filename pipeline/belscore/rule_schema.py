"""The form of a rule file: what a rule may say, checked when it is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from belscore.call import Direction, Role
from belscore.rule_complaint import ComplaintCheck
from belscore.rule_service import ClockTime, ServiceCheck
from belscore.scorecard import Verdict

Situation = Literal["klacht", "afspraak", "agressie", "wachtstand", "doorverbinden", "terugbellen"]
Exemption = Literal["cut_off", "caller_hung_up", "ends_in_transfer", "no_caller"]
# Where a sentence that would have made the call pass belongs.
#   instead   of each turn of the agent that is quoted       last     instead of the last one of them
#   words     instead of the quoted words alone              back     at the start of the first turn after the hold
#   start     at the start of each quoted turn of the agent  end      at the end of the last one
#   reply     at the start of the agent's turn that follows on what is quoted first
#   before    ahead of what is quoted, as words of its own   during   in the middle of what is quoted
#   closing   at the start of the agent's last turn          leave    nowhere: some of what is quoted is to be left out
#   measure   nowhere: it is about how, not what
Place = Literal[
    "instead", "last", "words", "back", "start", "end", "reply", "before", "during", "closing", "leave", "measure"
]  # fmt: skip


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Model):
    """The document the rule comes from and its words."""

    document: str
    quote: str


class Applies(_Model):
    """When the rule applies; nothing set means to every call.

    situation : occurs in the call
    direction : of the call
    unless    : cases in which the rule does not apply after all
    """

    situation: Situation | None = None
    direction: Direction | None = None
    unless: tuple[Exemption, ...] = ()


class Within(_Model):
    """Where words are looked for: the first turns after a point, or the last ones of the call."""

    turns: Annotated[int, Field(ge=1)]
    after: Literal["hold_end", "call_start"] | None = None
    before: Literal["call_end"] | None = None


class Says(_Model):
    """Some phrase is said within a stretch.

    closing_word     : a word that closes the call except behind one of `closing_word_not_after`
    closing_word_titled_after : behind these it closes it all the same with a title: `daar zorgen we voor dag mevrouw`
    closing_until    : a word that closes it when a day follows, or the time of the appointment: `tot 29 juni`
    closing_until_by : behind that time they show that it closes, where the word does not open its sentence
    returns          : a short sentence with one gives back the farewell that the caller just said: `insgelijks`
    too_informal     : these alone do not do, except to a child
    unless           : what these cover is something else: `u kunt het beste bellen`
    lasts            : so do these where the text has its marks: `blijft u slikken tot maandag`
    statements       : groups of `lexicon/uitspraken.toml` that will do too
    """

    kind: Literal["says"]
    role: Role = "agent"
    within: Within
    any_of: tuple[str, ...]
    statements: tuple[str, ...] = ()
    closing_word: str = ""
    closing_word_not_after: tuple[str, ...] = ()
    closing_word_titled_after: tuple[str, ...] = ()
    closing_until: str = ""
    closing_until_by: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    too_informal: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    lasts: tuple[str, ...] = ()


class Greeting(_Model):
    """The first words hold a greeting, the organisation and the agent's own name."""

    kind: Literal["greeting"]


class RecognisesName(_Model):
    """The agent uses the caller's name within so many turns after it was given."""

    kind: Literal["recognises_name"]
    turns: Annotated[int, Field(ge=1)]


class CountsName(_Model):
    """The agent uses the caller's name at most so often; mentions close together are one."""

    kind: Literal["counts_name"]
    most: Annotated[int, Field(ge=0)]
    apart_s: Annotated[float, Field(ge=0)]


class AddressesFormally(_Model):
    """The agent does not say je to the caller uninvited."""

    kind: Literal["addresses_formally"]


class AvoidsBefore(_Model):
    """Some phrase is not said before the agent has summarised.

    not_with  : phrases that, in the same sentence, make it something else
    meant     : with one of these it is meant even in a short question, which asks to hear something again otherwise
    waits     : the same for a wait on the line, where no caller tells of one elsewhere (`waited`)
    corrected : right behind these of the caller, it is said of what they put right
    """

    kind: Literal["avoids_before"]
    until: Literal["summary"]
    avoid: tuple[str, ...]
    not_with: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    waited: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()


class RepeatsValue(_Model):
    """The agent repeats what was agreed, with the right values.

    closing_turns : the last so many turns of substance count as the end of the call
    """

    kind: Literal["repeats_value"]
    closing_turns: Annotated[int, Field(ge=1)]


class Overlap(_Model):
    """The agent interrupts at most so often. `announced` phrases make it none."""

    kind: Literal["overlap"]
    most: Annotated[int, Field(ge=0)]
    most_per_10_min: Annotated[float, Field(ge=0)]
    announced: tuple[str, ...] = ()


class Rate(_Model):
    """The articulation rate lies in a band of syllables per second.

    margin : share of a bound within which an estimate from recognised words does not decide
    """

    kind: Literal["rate"]
    slowest_sps: float
    fastest_sps: float
    min_speech_s: float
    margin: Annotated[float, Field(ge=0, le=0.5)]


Check = Annotated[
    Says
    | Greeting
    | RecognisesName
    | CountsName
    | AddressesFormally
    | AvoidsBefore
    | RepeatsValue
    | Overlap
    | Rate
    | ServiceCheck
    | ComplaintCheck,
    Field(discriminator="kind"),
]


class Likeness(_Model):
    """What the model in `models/ID.toml` makes of the agent's turns where the rule's phrases find nothing.

    since : from when the agent's turns count: `complaint` is the caller's first words, `told` those that surely tell it
    fault : a turn at least so likely breaks the rule, 0..1
    met   : a turn at least so likely meets the rule
    """

    since: Literal["call_start", "complaint", "told", "aggression"] = "call_start"
    fault: Annotated[float, Field(gt=0, lt=1)] | None = None
    met: Annotated[float, Field(gt=0, lt=1)] | None = None


class Feedback(_Model):
    """What the agent reads. `variants` replace `fail` where a check says which kind of failure it was."""

    passed: str = Field(alias="pass")
    fail: str
    say_instead: str = ""
    variants: dict[str, str] = {}


class Remedy(_Model):
    """What would have made a failing call pass.

    text   : to the agent; quotes what feedback may quote, {at} and {times}, {say}, and the slots of `slots.py`
    say    : ways to write the sentence with this call's values; the first of which all are known is taken, and
             `say_instead` of the feedback when there is none
    place  : where the sentence belongs
    answer : what the caller is then given time to say
    """

    text: str = ""
    say: tuple[str, ...] = ()
    place: Place | None = None
    answer: str = ""


class WouldPass(Remedy):
    """`variants` replace what they name for a particular way of failing.

    by_hour : from an hour of the day on, the words for {by_hour}
    other   : moments to offer beside the one of the call, for {other}
    rewrite : words, or pairs of words that open a clause, and what stands for them in {rewritten}
    """

    variants: dict[str, Remedy] = {}
    by_hour: dict[ClockTime, str] = {}
    other: tuple[str, ...] = ()
    rewrite: dict[str, str] = {}


class EnglishRemedy(_Model):
    text: str = ""
    variants: dict[str, str] = {}


class English(_Model):
    """The rule's texts in English, with the same slots as the Dutch ones; what to say to a caller stays Dutch."""

    title: str
    why: str
    passed: str = Field(alias="pass")
    fail: str
    variants: dict[str, str] = {}
    would_pass: EnglishRemedy = EnglishRemedy()


class Example(_Model):
    """A call and the verdict it must get. `key` is the sentence the verdict rests on, for mutations."""

    name: str
    verdict: Verdict
    call: str


class RuleFile(_Model):
    """One rule as written on disk. `number` is its place in the rulebook."""

    id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)+$")]
    number: Annotated[int, Field(ge=1)]
    title: str
    weight: Annotated[int, Field(ge=1, le=3)]
    why: str
    source: Source
    applies: Applies = Applies()
    check: Check
    likeness: Likeness | None = None
    feedback: Feedback
    would_pass: WouldPass = WouldPass()
    en: English | None = None
    examples: tuple[Example, ...]


class SectionFile(_Model):
    """A section of the scorecard, in `sections.toml`."""

    id: str
    title: str


class SectionsFile(_Model):
    """The sections in order.

    documents : the sources that rules may name
    en        : section id -> English title
    """

    sections: tuple[SectionFile, ...]
    documents: tuple[str, ...] = ()
    en: dict[str, str] = {}
