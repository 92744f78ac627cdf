"""Results of checks as JUnit XML, which build servers show per check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree  # nosec B405 # written with, never read with

if TYPE_CHECKING:
    from belscore.rulecheck import CheckResult

# XML 1.0 cannot hold most control characters, not even escaped.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Case(NamedTuple):
    """One test case; `group` is what build servers show cases under, `failure` is "" for one that is right."""

    group: str
    name: str
    path: str
    line: int
    failure: str


def format_junit(results: Sequence[CheckResult]) -> str:
    """One test suite with a test case for each check; those of a rule share its id as class name."""
    cases = [
        Case(each.rule_id, f"{each.kind}: {each.name}", str(each.path), each.line, "" if each.ok else each.message)
        for each in results
    ]
    return junit_xml("rules", cases)


def junit_xml(suite_name: str, cases: Sequence[Case]) -> str:
    """A test suite as a whole XML document."""
    failures = sum(bool(case.failure) for case in cases)
    suite = ElementTree.Element("testsuite", name=suite_name, tests=str(len(cases)), failures=str(failures))
    for case in cases:
        path, line = _clean(case.path), str(case.line)
        attributes = {"classname": _clean(case.group), "name": _clean(case.name), "file": path, "line": line}
        element = ElementTree.SubElement(suite, "testcase", attributes)
        if case.failure:
            message = _clean(case.failure)
            ElementTree.SubElement(element, "failure", message=message).text = f"{path}:{line}: {message}"
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
