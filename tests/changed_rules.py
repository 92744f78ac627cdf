"""The rules with a few changes, for what shows the difference that changes make."""

from __future__ import annotations

import shutil
from pathlib import Path


def copy_changed(rules: Path, folder: Path) -> Path:
    """A copy of the rules, with `doei` as good a farewell as any, and one rule less."""
    shutil.copytree(rules, folder)
    rule = folder / "afsluiting" / "afsluiting-afscheid.toml"
    text = rule.read_text(encoding="utf-8")
    assert '"tot ziens", ' in text
    assert '["doei", ' in text
    text = text.replace('["doei", ', "[", 1).replace('"tot ziens", ', '"tot ziens", "doei", ', 1)
    rule.write_text(text, encoding="utf-8")
    (folder / "opening" / "opening-dagdeel.toml").unlink()
    return folder
