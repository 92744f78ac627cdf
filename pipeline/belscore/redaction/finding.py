"""All finders, one after another: each is told what those before it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belscore.redaction.accounts import AccountFinder
from belscore.redaction.birth_dates import BirthDateFinder
from belscore.redaction.digits import DigitReader
from belscore.redaction.found import Found, settled
from belscore.redaction.heard import Heard
from belscore.redaction.mail import MailFinder
from belscore.redaction.numbers_said import NumberFinder, taken_by
from belscore.redaction.people import PeopleFinder
from belscore.redaction.places import PlaceFinder
from belscore.redaction.spelled import SpellingFinder

if TYPE_CHECKING:
    from belscore.profile import Profile


def find_all(heard: Heard, profile: Profile | None = None) -> list[Found]:
    """Everything in a call that identifies a caller or a third party, in order and without overlap."""
    digits = DigitReader(heard)
    accounts = AccountFinder(heard, digits).find()
    mail = MailFinder(heard, digits).find()
    places = PlaceFinder(heard, digits).find()
    first = settled([*accounts, *mail, *places])
    spelled = SpellingFinder(heard, taken_by(first)).find()
    people = PeopleFinder(heard, profile, taken_by([*first, *spelled]))
    names = [*people.find(frozenset(each.said for each in spelled)), *spelled]
    births = BirthDateFinder(heard, digits, taken_by(names)).find()
    names += people.beside(births)
    before = settled([*first, *births])
    numbers = NumberFinder(heard, digits, taken_by(before)).find()
    return settled([*before, *numbers, *names])
