"""What a run judges by, and a digest that tells whether an earlier run judged by the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from belscore.cli.work import Settings
from belscore.errors import ModelError
from belscore.profile import Profile
from belscore.rulebook import RuleSet

# What of a profile the digests of rules and trees tell already, and what no verdict depends on.
_IN_RULES = {"weights", "off", "trees", "tree_files", "retention"}


@dataclass(frozen=True, slots=True)
class Judging:
    """Rules as the profile makes them.

    digest   : over what else decides what a scorecard says of a recording: the model, the agent's channel, the profile,
               whether there is a second look
    no_model : why no recording can be heard on this machine; None when it can
    profile  : of the practice; None without one
    """

    rules: RuleSet
    trees_digest: str | None
    digest: str
    no_model: ModelError | None = None
    profile: Profile | None = None


def judging_of(settings: Settings) -> Judging:
    """Read rules and profile and find the model. Raises RuleError when rules or profile are not valid."""
    from belscore.models import find_model
    from belscore.profile import load_profile
    from belscore.question_trees import trees_digest
    from belscore.rulebook import load_rules

    rules, profile, model, no_model = load_rules(settings.rules_folder), None, "", None
    if settings.profile is not None:
        profile = load_profile(settings.profile, rules)
        rules = profile.applied(rules)
    try:
        model = find_model(settings.model).sha256
    except ModelError as error:
        no_model = error
    own = profile.model_dump(mode="json", exclude=_IN_RULES) if profile is not None else {}
    told = json.dumps([own, model, settings.agent_channel, settings.second_look], sort_keys=True)
    trees = trees_digest(profile.trees) if profile is not None else None
    return Judging(rules, trees, hashlib.sha256(told.encode()).hexdigest(), no_model, profile)
