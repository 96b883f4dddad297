"""``flask wechat``: the service account as this installation knows it, and its menu."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click
from flask.cli import AppGroup

from backend.gateways.wechat import WechatRefused, WechatUnavailable
from backend.notifications.wording.wechat_fields import wechat_templates
from backend.web.context import runtime
from config.wechat_menu import load_menu

wechat = AppGroup("wechat", help="The service account at WeChat.")


@wechat.command()
def check() -> None:
    """Say what is set, and ask WeChat whether it knows the account; fails when something is missing."""
    at = runtime()
    own = at.settings.wechat
    if not at.wechat.enabled:
        raise click.ClickException("WECHAT_APP_ID is not set: there is no WeChat here")
    click.echo(f"account   {own.app_id}")
    click.echo(f"callback  {at.settings.base_url}/wechat/callback  ({'encrypted' if own.aes_key else 'plain'} events)")
    missing = [name for name in wechat_templates() if name not in own.templates]
    for name, template in wechat_templates().items():
        fields = ", ".join(f"{field.field} {field.label}" for field in template.fields.values())
        click.echo(f"template  {name:10} {own.templates.get(name, 'MISSING'):44} {template.title} ({fields})")
    _asked()
    if missing:
        raise click.ClickException(f"WECHAT_TEMPLATES has no id for {', '.join(missing)}: those messages go by SMS")


def _asked() -> None:
    try:
        runtime().wechat.check()
    except (WechatUnavailable, WechatRefused) as error:
        raise click.ClickException(f"WeChat: {error}") from error
    click.echo("WeChat    knows the account")


@wechat.command()
@click.option("--publish", is_flag=True, help="Put it up at WeChat; people see it within a day.")
def menu(publish: bool) -> None:
    """Show the menu of config/wechat-menu.toml, and publish it."""
    at = runtime()
    try:
        buttons = load_menu(at.settings.base_url)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    _show(buttons)
    if not publish:
        return
    try:
        at.wechat.create_menu(buttons)
    except (WechatUnavailable, WechatRefused) as error:
        raise click.ClickException(f"WeChat: {error}") from error
    click.echo("published")


def _show(buttons: Iterable[Mapping[str, Any]], indent: str = "") -> None:
    for button in buttons:
        click.echo(f"{indent}{button['name']}  {button.get('url', '')}".rstrip())
        _show(button.get("sub_button", ()), indent + "  ")
