"""A practice's own names and fixed greeting."""

from __future__ import annotations

from pathlib import Path

import pytest

from belscore import parse_call, score_call
from belscore.errors import RuleError
from belscore.profile import Profile, load_profile

FORMULA = "Goedemorgen, met Het Bakhuis, u spreekt met ..."


def verdict(greeting: str, profile: Profile | None) -> str:
    call = parse_call(f"0.4-4 agent {greeting}\n4.3-7 caller Goedemorgen, met Jansen, ik heb een vraag.")
    return score_call(call, profile=profile).finding("opening-begroeting").verdict


def test_the_fixed_greeting_passes() -> None:
    profile = Profile(practice=("Het Bakhuis",), formula=FORMULA)
    assert verdict("Goedemorgen, met Het Bakhuis, u spreekt met Anja.", profile) == "pass"


def test_another_greeting_is_a_fault_only_with_a_fixed_one() -> None:
    other = "Hallo, praktijk Het Bakhuis hier, met Anja."
    assert verdict(other, None) == "pass"
    assert verdict(other, Profile(practice=("Het Bakhuis",), formula=FORMULA)) == "fail"


def test_a_practice_named_like_anything_is_known_by_the_profile() -> None:
    assert verdict("Goedemorgen, goed, u spreekt met Anja.", Profile(practice=("Goed",))) == "pass"
    assert verdict("Goedemorgen, goed, u spreekt met Anja.", None) == "fail"


def test_a_bad_profile_is_named_with_its_key(tmp_path: Path) -> None:
    path = tmp_path / "praktijk.toml"
    path.write_text('practise = ["Het Bakhuis"]', encoding="utf-8")
    with pytest.raises(RuleError, match=r"praktijk\.toml: practise"):
        load_profile(path)
