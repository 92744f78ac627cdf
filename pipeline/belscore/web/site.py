"""What all pages share: the store, the rules, how recordings are kept, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from belscore.encryption.keys import KeyRing
from belscore.inputs import AUDIO_SUFFIXES
from belscore.recordings_folder import INCOMING, SOUNDS, WORK
from belscore.report.templating import environment
from belscore.scorecard import Language
from belscore.store.database import Store
from belscore.store.uploads import Upload
from belscore.store.users import User, touch_session, user_of_session
from belscore.web.chart_process import ChartProcess
from belscore.web.problems import ForbiddenError, MustChangeError, NotLoggedInError
from belscore.web.settings import ServeSettings
from belscore.web.static import static_address
from belscore.web.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from belscore.batch.judging import Judging
    from belscore.profile import Profile
    from belscore.web.scoring import ScoringQueue

# Who everybody is in practice mode: nobody can log in under this name, it has no password.
LOCAL_NAME = "oefenaar"
LANGUAGE_COOKIE = "belscore_language"
SESSION_COOKIE = "belscore_session"


@dataclass(slots=True)
class Site:
    """One running server.

    keys    : for what is sealed on disk; None when nothing is
    judging : the rules as the practice's profile makes them, and digests of all that scoring depends on
    local   : who everybody is in practice mode; None with a login
    charts  : what draws the pictures of reports
    queue   : what scores; set when the server starts
    """

    settings: ServeSettings
    store: Store
    keys: KeyRing | None
    judging: Judging
    profile: Profile | None
    local: User | None = None
    charts: ChartProcess = field(default_factory=ChartProcess)
    queue: ScoringQueue = field(init=False)

    @property
    def known_words(self) -> tuple[str, ...]:
        """Names that whoever guesses a password here would try: of the practice and its departments."""
        return (*self.profile.practice, *self.profile.departments) if self.profile is not None else ()

    @property
    def incoming(self) -> Path:
        """The folder of what is handed in and not scored yet; file names are tokens."""
        return self.settings.recordings / INCOMING

    def incoming_file(self, upload: Upload) -> Path:
        """Where what is handed in lies. Some formats have no header: the decoder goes by the suffix then."""
        suffix = str(upload.options.get("suffix", ""))
        return self.incoming / f"{upload.token}{suffix if suffix in AUDIO_SUFFIXES else '.wav'}"

    @property
    def sounds(self) -> Path:
        """The folder of the sound of calls; `store.recordings` names the files."""
        return self.settings.recordings / SOUNDS

    @property
    def work(self) -> Path:
        """The folder of plain copies, for as long as a decoder reads them."""
        return self.settings.recordings / WORK


def site_of(request: Request) -> Site:
    """The site that a request is for."""
    site: Site = request.app.state.site
    return site


def language_of(request: Request) -> Language:
    """The language that somebody chose, else the site's."""
    chosen = request.cookies.get(site_of(request).settings.cookie(LANGUAGE_COOKIE))
    return next((each for each in LANGUAGES if each == chosen), site_of(request).settings.language)


def texts_of(request: Request) -> Texts:
    """The words in the language of who asks."""
    return Texts(language_of(request))


def user_or_none(request: Request) -> User | None:
    """Who asks; None when they are not logged in. Looked up once for a request."""
    if not hasattr(request.state, "user"):
        request.state.user = _find_user(request)
    user: User | None = request.state.user
    return user


def _find_user(request: Request) -> User | None:
    site = site_of(request)
    if site.local is not None:
        return site.local
    token = request.cookies.get(site.settings.cookie(SESSION_COOKIE))
    if not token:
        return None
    with site.store.read() as connection:
        found = user_of_session(connection, token)
    if found is None:
        return None
    user, is_due = found
    if is_due:
        with site.store.write() as connection:
            touch_session(connection, token)
    return user


def newcomer(request: Request) -> User:
    """Who asks, also before they chose a password of their own. Raises NotLoggedInError."""
    user = user_or_none(request)
    if user is None:
        raise NotLoggedInError
    return user


def signed_in(request: Request) -> User:
    """Who asks. Raises NotLoggedInError, and MustChangeError where the password is not their own yet."""
    user = newcomer(request)
    if user.must_change:
        raise MustChangeError
    return user


def coach(request: Request) -> User:
    """Who asks, who must be a coach or admin. Raises NotLoggedInError, ForbiddenError."""
    user = signed_in(request)
    if not user.is_coach:
        raise ForbiddenError
    return user


def admin(request: Request) -> User:
    """Who asks, who must be an admin. Raises NotLoggedInError, ForbiddenError."""
    user = signed_in(request)
    if user.role != "admin":
        raise ForbiddenError
    return user


TheSite = Annotated[Site, Depends(site_of)]
TheNewcomer = Annotated[User, Depends(newcomer)]
TheUser = Annotated[User, Depends(signed_in)]
TheCoach = Annotated[User, Depends(coach)]
TheAdmin = Annotated[User, Depends(admin)]
TheTexts = Annotated[Texts, Depends(texts_of)]


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page of `templates/`, with what all of them use: `t` texts, `user`, `nonce`, `static`, `site`, `path`."""
    texts = texts_of(request)
    text = (
        environment(__package__)
        .get_template(template)
        .render(
            t=texts,
            language=texts.language,
            user=user_or_none(request),
            nonce=request.state.nonce,
            static=static_address,
            path=request.url.path,
            is_practice=site_of(request).local is not None,
            **values,
        )
    )
    return HTMLResponse(text, status_code=status)
