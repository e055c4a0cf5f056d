"""Pelican's settings, derived from site.toml. With anything added here (a plugin, a Jinja filter) the portal is
built by Pelican's own flow alone, which is slower and right with every plugin."""

from pathlib import Path

from plugins.press.settings import settings

globals().update(settings(Path(__file__).parent))
