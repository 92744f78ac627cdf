"""`belscore user`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from belscore.store.users import Role

# As in `store.users`, without importing it for the help; a test holds them together.
ROLES = ("trainee", "coach", "admin")


@click.group()
def user() -> None:
    """Who may log in to the pages."""


@user.command("add")
@click.argument("name")
@options.store_option
@click.option("--role", type=click.Choice(ROLES), default="trainee", show_default=True, help="What they may do.")
@click.option("--agent", metavar="NAME", help="The name that their calls carry. Default: NAME as written.")
@click.option("--external", is_flag=True, help="Without a password here: they log in elsewhere, see `serve --oidc`.")
@options.debug_option
def add(name: str, store_address: str | None, role: Role, agent: str | None, external: bool) -> None:
    """Add somebody; the password is asked for, or read from stdin when that is no terminal."""
    from belscore.store.audit import this_user
    from belscore.store.database import open_store
    from belscore.store.users import add_user, login_name
    from belscore.web.passwords import hash_password

    with open_store(store_address) as store:
        kept = None if external else hash_password(_password(), name=login_name(name))
        with store.write() as connection:
            made = add_user(connection, name=name, role=role, actor=this_user(), agent=agent, password_hash=kept)
    click.echo(f"{made.name}: {made.role}, agent {made.agent}")


@user.command("password")
@click.argument("name")
@options.store_option
@options.debug_option
def password(name: str, store_address: str | None) -> None:
    """Give somebody another password; they are logged out everywhere."""
    from belscore.store.audit import this_user
    from belscore.store.database import open_store
    from belscore.store.users import change_user, require_user
    from belscore.web.passwords import hash_password

    with open_store(store_address, new=False) as store:
        with store.read() as connection:
            found = require_user(connection, name)
        kept = hash_password(_password(), name=found.name)
        with store.write() as connection:
            change_user(connection, found, actor=this_user(), password_hash=kept)
    click.echo(f"{found.name}: password changed")


@user.command("change")
@click.argument("name")
@options.store_option
@click.option("--role", type=click.Choice(ROLES), help="What they may do.")
@click.option("--agent", metavar="NAME", help="The name that their calls carry.")
@click.option("--active/--inactive", "is_active", default=None, help="Whether they may log in.")
@options.debug_option
def change(name: str, store_address: str | None, role: Role | None, agent: str | None, is_active: bool | None) -> None:
    """Change what somebody may do; they are logged out everywhere."""
    from belscore.store.audit import this_user
    from belscore.store.database import open_store
    from belscore.store.users import change_user, require_user

    if role is None and agent is None and is_active is None:
        raise click.UsageError("nothing to change: give --role, --agent, --active or --inactive")
    with open_store(store_address, new=False) as store, store.write() as connection:
        found = require_user(connection, name)
        change_user(connection, found, actor=this_user(), role=role, agent=agent, is_active=is_active)
        now = require_user(connection, name)
    click.echo(_line(now.name, now.role, now.agent, is_active=now.is_active))


@user.command("list")
@options.store_option
@options.debug_option
def list_command(store_address: str | None) -> None:
    """List who may log in."""
    from belscore.store.database import open_store
    from belscore.store.users import list_users

    with open_store(store_address, new=False) as store, store.read() as connection:
        for each in list_users(connection):
            click.echo(_line(each.name, each.role, each.agent, is_active=each.is_active))


def _line(name: str, role: str, agent: str, *, is_active: bool) -> str:
    return f"{name}: {role}, agent {agent}" + ("" if is_active else ", may not log in")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first: str = click.prompt("Password", hide_input=True)
    if click.prompt("Once more", hide_input=True) != first:
        raise BelscoreError("the two are not the same", do="try again")
    return first
