"""What coaches see on the feedback page of a call beside what its owner sees."""

from __future__ import annotations

from belscore.store.users import User
from belscore.web.feedback import Feedback
from belscore.web.review_pages import review_values
from belscore.web.site import Site
from belscore.web.texts import Texts

# Extends `feedback.html.j2` and fills its blocks `finding_actions`, `call_actions` and `coach_head`.
TEMPLATE = "feedback_coach.html.j2"


def coach_values(site: Site, user: User, view: Feedback) -> dict[str, object]:
    """What the blocks of TEMPLATE use, by name."""
    return review_values(site, Texts(view.card.language), user, view.call_id)
