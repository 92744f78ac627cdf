"""Scorecards for people and programs: terminal, page, CSV and JSON. Nothing here judges."""
