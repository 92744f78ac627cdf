"""Results of rule checks as JUnit XML, which build servers show per check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from belscore.rulecheck import CheckResult

# XML 1.0 cannot hold most control characters, not even escaped.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def format_junit(results: Sequence[CheckResult]) -> str:
    """One test suite with a test case for each check; those of a rule share its id as class name."""
    failures = sum(not result.ok for result in results)
    suite = ElementTree.Element("testsuite", name="rules", tests=str(len(results)), failures=str(failures))
    for result in results:
        name = _clean(f"{result.kind}: {result.name}")
        path, line = _clean(str(result.path)), str(result.line)
        attributes = {"classname": _clean(result.rule_id), "name": name, "file": path, "line": line}
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if not result.ok:
            message = _clean(result.message)
            ElementTree.SubElement(case, "failure", message=message).text = f"{path}:{line}: {message}"
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
