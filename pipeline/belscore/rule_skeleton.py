"""A new rule to fill in: every key with what belongs there.

The check kinds and their parameters are read off the models.
Coaches write rules, so the comments in the file are Dutch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from string import Template
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from belscore.drafts import FILL_IN
from belscore.errors import RuleError
from belscore.rule_schema import Applies, Check, Place, RuleFile
from belscore.rulebook import RuleSet, default_folder, load_rules, rule_paths

_ID = re.compile(r"[a-z]+(-[a-z]+)+")
# So much of the first part of an id names its section: `wacht-bedanken` belongs to `wachten`.
_MIN_STEM = 4
_TYPES = {str: "tekst", int: "geheel getal", float: "getal", bool: "true of false"}
# `$open` marks what is to be written; the rest is filled in by `skeleton`.
_TEMPLATE = Template("""# Een nieuwe regel. Vervang overal ${open}.
# Wat er nog ontbreekt, zegt `belscore rules check ${id}`.
# Wat achter een # staat is uitleg en mag weg. Zie ook rules/README.md.

id     = "${id}"
number = ${number}   # plaats in het regelboek; elk nummer komt een keer voor
title  = "${open}: wat de medewerker moet doen, in de gebiedende wijs"
weight = 2   # 1 licht, 2 gewoon, 3 zwaar
why    = "${open}: waarom dit ertoe doet voor de beller"

# Uit welk document de regel komt, en wat daar staat.
[source]
document = "${open}"
quote    = "${open}"

# Wanneer de regel geldt. Zonder deze sleutels geldt hij voor elk gesprek.
[applies]
# situation = "..."     # ${situations}
# direction = "..."     # ${directions}
# unless    = ["..."]   # ${exemptions}

# Wat er gecontroleerd wordt. Woordgroepen in kleine letters: a/b is een keuze, (a) mag weg, ... laat vijf woorden toe.
[check]
${check}

# Als er een model is van beurten van de medewerker (`make remark-models`): hoe waarschijnlijk een beurt moet zijn om
# mee te tellen waar geen zin gevonden is. `fault` breekt de regel, `met` voldoet eraan.
# [likeness]
# since = "call_start"   # of complaint, told, aggression
# fault = 0.8

# Wat de medewerker leest. {quote} en andere waarden van de controle mogen erin.
[feedback]
pass        = "${open}"
fail        = "${open}"
say_instead = "${open}: een zin waarmee het goed was gegaan"
# variants = { }   # een andere tekst voor een bepaalde manier van fout gaan

# Wat het gesprek goed had gemaakt. {at} is de tijd, {say} de zin.
[would_pass]
text  = "${open}: Zeg om {at}: \\"{say}\\""
place = "${open}: ${places}"
# say      = ["..."]   # de zin met waarden uit het gesprek: {name}, {agent}, {practice}; de eerste die past
# answer   = "..."     # wat de beller dan de kans krijgt te zeggen
# by_hour  = { }      # vanaf een uur van de dag de woorden voor {by_hour}: { "00:00" = "dag", "17:00" = "avond" }
# other    = ["..."]   # momenten om naast dat van het gesprek aan te bieden, voor {other}
# rewrite  = { }      # woorden en wat ervoor in de plaats komt, voor {rewritten}
# variants = { }      # een andere tekst, zin of plaats voor een bepaalde manier van fout gaan

# Dezelfde teksten in het Engels, voor `--lang en`; wat de beller hoort blijft Nederlands.
[en]
title = "${open}"
why   = "${open}"
pass  = "${open}"
fail  = "${open}"
# variants = { }

[en.would_pass]
text = "${open}"
# variants = { }

# Gesprekken met het oordeel dat ze moeten krijgen: twee keer goed, twee keer fout, en een dat er bijna op lijkt.
# ${example}
${examples}""")


def new_rule(rule_id: str, *, folder: Path | None = None, section: str | None = None, kind: str = "says") -> Path:
    """Write the skeleton of a rule and return its path.

    folder  : a rule folder, which may be new; the one of a source tree by default
    section : where the id does not say it: `wacht-bedanken` goes to `wachten`

    Raises RuleError for an id that will not do, one that is taken, and a section or kind that does not exist.
    """
    from belscore.report.files import write_whole

    if not _ID.fullmatch(rule_id):
        do = "write it like wacht-bedanken: lower-case letters, two words or more with hyphens"
        raise RuleError(f"`{rule_id}` is no rule id", where="rules new", do=do)
    if kind not in check_kinds():
        raise RuleError(f"no check kind `{kind}`", where="--kind", do=f"use one of {', '.join(check_kinds())}")
    home = _home(folder)
    rules = load_rules(home if home.is_dir() and rule_paths(home) else None, drafts=True)
    taken = {rule.id: rule.path for rule in rules.rules} | {draft.path.stem: draft.path for draft in rules.drafts}
    if rule_id in taken:
        raise RuleError("the rule is there already", where=str(taken[rule_id]), do="choose another id")
    path = home / _section(rule_id, section, rules) / f"{rule_id}.toml"
    if path.exists():
        raise RuleError("the file is there already", where=str(path), do="choose another id")
    write_whole(path, skeleton(rule_id, number=_next_number(rules), kind=kind))
    return path


def _home(folder: Path | None) -> Path:
    if folder is not None:
        return folder
    home = default_folder()
    if home.parent == Path(__file__).parent:
        raise RuleError("rules of an installed program are not changed", where=str(home), do="name a folder by --rules")
    return home


def _next_number(rules: RuleSet) -> int:
    """Behind all rules and drafts there are."""
    numbers = [rule.number for rule in rules.rules]
    for draft in rules.drafts:
        numbers += [int(found) for found in re.findall(r"^number\s*=\s*(\d+)", draft.path.read_text("utf-8"), re.M)]
    return max(numbers, default=0) + 1


def _section(rule_id: str, named: str | None, rules: RuleSet) -> str:
    known = [section.id for section in rules.sections]
    if named is not None:
        if named not in known:
            raise RuleError(f"no section `{named}`", where="--section", do=f"use one of {', '.join(known)}")
        return named
    stem = rule_id.split("-")[0]
    fitting = [each for each in known if each == stem or (len(stem) >= _MIN_STEM and each.startswith(stem))]
    if len(fitting) != 1:
        do = f"name one by --section: {', '.join(known)}"
        raise RuleError(f"`{rule_id}` does not say its section", where="rules new", do=do)
    return fitting[0]


@lru_cache
def _models() -> dict[str, type[BaseModel]]:
    union = get_args(Check)[0]
    return {get_args(model.model_fields["kind"].annotation)[0]: model for model in _members(union)}


def check_kinds() -> tuple[str, ...]:
    """The names of all check kinds."""
    return tuple(sorted(_models()))


def _members(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _members(part)
    else:
        yield annotation


def describe(annotation: Any) -> str:
    """What may stand in a key, in Dutch.

    >>> describe(Literal["agent", "caller"]), describe(tuple[str, ...])
    ('een van agent, caller', 'lijst van tekst')
    """
    parts = [part for part in _members(annotation) if part is not type(None)]
    if len(parts) > 1:
        return " of ".join(describe(part) for part in parts)
    part = parts[0]
    origin, arguments = get_origin(part), get_args(part)
    if origin is Literal:
        return f"een van {', '.join(map(str, arguments))}"
    if origin is tuple:
        return f"lijst van {describe(arguments[0])}"
    if origin is dict:
        return "tabel"
    if isinstance(part, type) and issubclass(part, BaseModel):
        return f"{{ {', '.join(_parameter(name, field) for name, field in part.model_fields.items())} }}"
    if hasattr(part, "__metadata__"):
        return describe(arguments[0])
    return _TYPES.get(part, "waarde")


def _parameter(name: str, field: FieldInfo) -> str:
    """`name: what`, with a question mark where it may be left out."""
    return f"{field.alias or name}{'' if field.is_required() else '?'}: {describe(field.annotation)}"


def _placeholder(annotation: Any) -> str:
    """TOML that can be read but stands open."""
    part = next(each for each in _members(annotation) if each is not type(None))
    if get_origin(part) is tuple:
        return f"[{_placeholder(get_args(part)[0])}]"
    if isinstance(part, type) and issubclass(part, BaseModel):
        required = [(name, field) for name, field in part.model_fields.items() if field.is_required()]
        return f"{{ {', '.join(f'{name} = {_placeholder(field.annotation)}' for name, field in required)} }}"
    return f'"{FILL_IN}: {describe(part)}"'


def _check_lines(kind: str) -> Iterator[str]:
    fields = {name: field for name, field in _models()[kind].model_fields.items() if name != "kind"}
    yield f'kind = "{kind}"'
    for name, field in fields.items():
        if field.is_required():
            yield f"# {name}: {describe(field.annotation)}"
            yield f"{name} = {_placeholder(field.annotation)}"
        else:
            yield f"# {name} = ...   # mag weg; {describe(field.annotation)}"
    yield "# Andere soorten, met wat ze vragen (een ? mag weg):"
    for other, model in sorted(_models().items()):
        parameters = [_parameter(name, field) for name, field in model.model_fields.items() if name != "kind"]
        yield f"#   {other}" + (f" ({'; '.join(parameters)})" if parameters else "")


def _choices(model: type[BaseModel], key: str) -> str:
    return describe(model.model_fields[key].annotation)


def _example(name: str, verdict: str) -> str:
    return f"""[[examples]]
name    = "{name}"
verdict = "{verdict}"
call    = \"\"\"
0.4-4.0 agent  {FILL_IN}
4.3-8.0 caller {FILL_IN}
8.4-10.0 agent  {FILL_IN}
\"\"\"
"""


def skeleton(rule_id: str, *, number: int, kind: str = "says") -> str:
    """The text of a rule file in which everything is still to be filled in."""
    examples = (
        _example(f"{FILL_IN}: dit is goed", "pass"),
        _example(f"{FILL_IN}: in andere woorden, zonder leestekens", "pass"),
        _example(f"{FILL_IN}: dit is fout", "fail"),
        _example(f"{FILL_IN}: anders fout, zonder leestekens", "fail"),
        _example(f"bijna: {FILL_IN}: lijkt erop, maar krijgt toch dit oordeel", "pass"),
    )
    return _TEMPLATE.substitute(
        open=FILL_IN,
        id=rule_id,
        number=number,
        situations=_choices(Applies, "situation"),
        directions=_choices(Applies, "direction"),
        exemptions=_choices(Applies, "unless"),
        check="\n".join(_check_lines(kind)),
        places=describe(Place),
        example=_choices(RuleFile, "examples"),
        examples="\n".join(examples),
    )
