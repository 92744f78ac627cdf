"""Words for what may never be inferred of a person, in Dutch and English, how they are found in texts and names, and
where which of them may stand all the same, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

# What each subject is called; `*` stands for any ending. SPEECH facts, section 8.4, and article 5(1)(f) of the AI Act;
# 9(1) GDPR for ethnicity, health and biometric data.
SUBJECTS: Mapping[str, str] = {
    "emotion": "emotion* emotie* sentiment* feeling* gevoel* gevoelens valence arousal affective",
    "mood": "mood* humeur* stemming stemmingen sfeer attitude* houding* toon tone tones intonat* smile* glimlach*",
    "state": "stress* gestrest* gespannen tension nervous* zenuw* tired* fatigue* moe vermoei* calm* kalm* rustig*",
    "anger": "anger* angry boos boze boosheid woede woedend irrita* geïrriteerd frustra* gefrustreerd aggress* agress*",
    "joy": "happy happiness blij blijheid sad sadness verdriet* enthousias* enthusias* excite* bang angst*",
    "warmth": "empath* empathisch* friendl* vriendelijk* sincer* oprecht* warmth politeness",
    "gender": "gender* geslacht* sex sexe male female mannelijk* vrouwelijk* mannenstem* vrouwenstem*",
    "age": "age ages aged leeftijd* elderly bejaard* senior child children childish kind kinderen minor toddler",
    "accent": "accent accents dialect* tongval native nonnative moedertaal* regiolect",
    "ethnicity": "ethnic* etnic* etnisch* nationalit* afkomst race racial allocht* migrant* religion* religie* geloof",
    "health": "diagnos* disease* ziekte* health* gezondheid* aandoening* depress* dement* patholog* disorder* illness*",
    "character": "personality persoonlijkheid* karakter* deception* leugen* lying intelligen* trustworth* honesty",
    "biometrics": "voiceprint* voice_print* stemafdruk* biometr* embed* xvector* dvector* enrol* speakerid",
    "voice": "pitch* toonhoogte* jitter* shimmer* prosod* loudness luidheid vocal*",
    "ranking": "rank rank* ranglijst* ranking* league leaderboard* klassement* beste_medewerker",
}
_WORD = re.compile(r"[^\W\d_]+")
# Parts of a name in code or in a schema: `agentMood`, `HTTPAge`, `caller_age_s`.
_PART = re.compile(r"[A-ZÀ-Ý]+(?![a-zà-ÿ])|[A-ZÀ-Ý]?[a-zà-ÿ]+")
# In Dutch `kind of`, `kinds` are not meant: names in code are English, where `kind` is a sort of thing.
_ENGLISH_KIND = "kind"


def _pattern() -> re.Pattern[str]:
    groups = []
    for subject, words in SUBJECTS.items():
        stems = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words.split())
        groups.append(f"(?P<{subject}>{stems})")
    return re.compile("|".join(groups))


_FORBIDDEN = _pattern()


def found(text: str, *, name: bool = False) -> Iterator[tuple[str, str]]:
    """Words of a text that name what may not be inferred, as (word, subject).

    name : it is a name in code or in a schema, which is cut at capitals and underscores
    """
    words = _PART.findall(text) if name else _WORD.findall(text)
    for word in (each.casefold() for each in words):
        if name and word == _ENGLISH_KIND:
            continue
        match = _FORBIDDEN.fullmatch(word)
        if match is not None and match.lastgroup is not None:
            yield word, match.lastgroup


class Allowed(NamedTuple):
    """Words that may stand somewhere; both sides may have `*`."""

    where: str
    words: str
    reason: str


_CHILD = (
    "a child who says so is not addressed with u; told by words alone, kept nowhere but as a rule that does not apply"
)
_TONES = "tones of the telephone network and key presses"
_AGGRESSION = "the situation of insults and threats, opened by words that were said; see the test of its imports"
_OF_SOURCE = "name of the source document, or of the situation of insults and threats"
_PACE = "a band of syllables per second, as the source document calls it; no state of anybody"
_WHY = "why the rule exists: how it is for a caller in general, of nobody in particular"
_IN_MEMORY = "tells two voices of one recording apart; vectors are dropped, see the tests below"
ALLOWED = (
    Allowed("code/checks/*", "child", _CHILD),
    Allowed("code/handed_phone.py", "child", _CHILD),
    Allowed("code/language/address.py", "child*", _CHILD),
    Allowed("code/language/children.py", "child*", _CHILD),
    Allowed("code/language/children.py", "age", "an age that the caller says: `ik ben acht`; " + _CHILD),
    Allowed("code/view.py", "child", _CHILD),
    Allowed("rules/lexicon/aanspreekvorm.toml", "child", _CHILD),
    Allowed("rules/lexicon/aanspreekvorm.toml", "age", "phrases with which a child tells its age"),
    Allowed("rules/lexicon/redenen.toml", "child", _CHILD),
    Allowed("rules/lexicon/redenen.toml", "kind", _CHILD),
    Allowed("rules/aanspreekvorm/aanspreekvorm-u.toml", "kind", "name of an example with a child"),
    Allowed("code/decode*", "child", "a child process"),
    Allowed("code/model_sources.py", "child", "a child process"),
    Allowed("pipeline/belscore/*.css", "child", "selectors as :first-child"),
    Allowed("pipeline/belscore/*.js", "child*", "elements of a page inside others"),
    Allowed("code/web/*.py", "age", "how long ago a file or a login was; max-age of HTTP"),
    Allowed("code/web/home_pages.py", "health", "whether the server answers"),
    Allowed("pipeline/belscore/web/texts/en.toml", "kind", "English: a sort of call"),
    Allowed("pipeline/belscore/*.toml", "toon", "`toon`: show; or a sound that the program makes to try itself"),
    Allowed("command/rules new", "kind", "English: the kind of check"),
    Allowed("code/coaching.py", "age", "how long ago a call was"),
    Allowed("code/checks/*", "ag*ress*", _AGGRESSION),
    Allowed("code/agent_likeness.py", "aggression", _AGGRESSION),
    Allowed("code/measures.py", "aggression", _AGGRESSION),
    Allowed("code/situations.py", "ag*ress*", _AGGRESSION),
    Allowed("code/rule_*.py", "ag*ress*", _AGGRESSION),
    Allowed("schema/rule", "ag*ress*", _AGGRESSION),
    Allowed("pipeline/belscore/report/texts/*.toml", "ag*ress*", _AGGRESSION),
    Allowed("rules/situations/agressie.toml", "agressie", _AGGRESSION),
    Allowed("rules/lexicon/redenen.toml", "agressie", _AGGRESSION),
    Allowed("rules/*/*.toml", "ag*ress*", _OF_SOURCE),
    Allowed("rules/sections.toml", "ag*ress*", _OF_SOURCE),
    Allowed("rules/agressie/*.toml", "angry", _WHY),
    Allowed("rules/agressie/*.toml", "boze", _WHY),
    Allowed("rules/agressie/*.toml", "calm*", _WHY),
    Allowed("rules/agressie/*.toml", "rustig*", _WHY),
    Allowed("rules/klacht/*.toml", "angry", _WHY),
    Allowed("rules/klacht/*.toml", "bo[oz]*", _WHY),
    Allowed("rules/klacht/*.toml", "calm", _WHY),
    Allowed("rules/klacht/klacht-begrip.toml", "toon", "`toon begrip`: say a phrase of understanding"),
    Allowed("rules/*/*.toml", "vriendelijk", _WHY),
    Allowed("rules/*/*.toml", "friendly", _WHY),
    Allowed(
        "rules/lexicon/uitspraken.toml", "gevoelens", "name of a list of words with which an agent says to understand"
    ),
    Allowed("rules/opening/opening-rustig.toml", "rustig*", _PACE),
    Allowed("rules/opening/opening-rustig.toml", "calmly", _PACE),
    Allowed("rules/tempo/tempo-spreeksnelheid.toml", "calm*", _PACE),
    Allowed("rules/tempo/tempo-spreeksnelheid.toml", "rustig", _PACE),
    Allowed("pipeline/belscore/*", "calm", _PACE),
    Allowed("pipeline/belscore/*/nl.toml", "rustig", _PACE),
    Allowed("code/*.py", "calm", _PACE),
    Allowed("code/language/*.py", "stressed", "full forms of pronouns, as in grammar: `jij` against `je`"),
    Allowed("code/checks/asks_again.py", "stressed", "full forms of pronouns, as in grammar"),
    Allowed("rules/lexicon/aanspreekvorm.toml", "stressed", "full forms of pronouns, as in grammar"),
    Allowed("code/*.py", "tone*", _TONES),
    Allowed("code/tones.py", "pitch", _TONES),
    Allowed("code/waiting.py", "loudness", "level of hold music, against that of speech"),
    Allowed("code/decode_worker.py", "jitter", "of time stamps of packets"),
    Allowed("code/store/*.py", "dialect", "SQL dialect, of SQLAlchemy"),
    Allowed("pipeline/belscore/*.css", "accent", "a colour of pages"),
    Allowed("code/speaker_encoder.py", "embed", _IN_MEMORY),
    Allowed("code/third_voice.py", "embed", _IN_MEMORY),
    Allowed("code/voice_features.py", "embed", _IN_MEMORY),
    Allowed("code/voice_features.py", "pitch*", _IN_MEMORY),
    Allowed("code/pitch.py", "pitch", _IN_MEMORY),
    Allowed("code/report/*.py", "rank", "order of verdicts on a time line"),
    Allowed("pipeline/belscore/web/static/timeline.js", "rank", "order of verdicts on a time line"),
    Allowed("code/reports/estimates.py", "rank", "order of p-values (Benjamini and Hochberg)"),
    Allowed("command/report", "rank", "says that people are not ranked"),
)


def is_allowed(where: str, word: str) -> bool:
    return any(fnmatchcase(where, each.where) and fnmatchcase(word, each.words) for each in ALLOWED)
