"""Which words phrases are looked for by: the rarest that are always heard where the phrase is."""

from __future__ import annotations

from belscore.language.commonness import Commonness
from belscore.language.phrases import compile_phrase
from belscore.rulebook import default_lexicon

LEXICON = default_lexicon()
COMMON = Commonness(["ik", "de", "bel", "belt", "afspraak"])


def test_words_high_in_the_list_are_more_common() -> None:
    shares = [COMMON.of((word,)) for word in ("ik", "de", "afspraak", "paard")]
    assert shares == sorted(shares, reverse=True)
    assert COMMON.of(("paard",)) == COMMON.of(("olifant",)) > 0


def test_a_choice_is_as_common_as_its_words_together() -> None:
    assert COMMON.of(("bel", "belt")) == COMMON.of(("bel",)) + COMMON.of(("belt",))


def test_a_part_of_a_word_counts_the_words_that_have_it() -> None:
    both = COMMON.of(("bel", "belt"))
    assert COMMON.of(("bel*",)) > both
    assert COMMON.of(("*elt",)) > COMMON.of(("belt",))
    assert COMMON.of(("*elt",)) < both


def test_any_word_and_blanks_are_more_common_than_all_others() -> None:
    assert COMMON.of(("*",)) > 1 > COMMON.of(("{naam}",)) > COMMON.of(("de",))


def test_a_phrase_is_looked_for_by_its_rarest_words() -> None:
    phrase = compile_phrase("de afspraak afzeggen", LEXICON)
    anchors = phrase.anchors(LEXICON.common, doubtful=False)
    assert anchors is not None
    assert "de" not in anchors
    assert LEXICON.common.of(anchors) <= LEXICON.common.of(("de",))


def test_what_is_looked_for_beside_a_word_is_another_place() -> None:
    phrase = compile_phrase("ik afzeggen", LEXICON)
    limit = phrase.limit(doubtful=False)
    assert phrase.beside("afzeggen", limit, LEXICON.common) == frozenset({"ik"})
    assert phrase.beside("ik", limit, LEXICON.common) == frozenset({"afzeggen"})


def test_the_list_has_words_of_the_inventories_only() -> None:
    """Its words would else count as known words wherever a word is looked up in the inventories."""
    listed = LEXICON.list("normaliseren", "common")
    assert len(set(listed)) == len(listed)
    elsewhere = {
        word
        for file, tables in LEXICON.tables.items()
        for name, table in tables.items()
        if (file, name) != ("normaliseren", "common")
        for word in _words(table)
    }
    assert set(listed) - elsewhere == set()


def _words(value: object) -> set[str]:
    if isinstance(value, str):
        return set(value.replace("/", " ").replace("(", " ").replace(")", " ").replace("*", " ").split())
    if isinstance(value, dict):
        return set(value).union(*(_words(each) for each in value.values()))
    return set().union(*(_words(each) for each in value)) if isinstance(value, list | tuple) else set()
