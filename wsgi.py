"""The WSGI entry point, and what ``flask --app wsgi`` finds its commands on."""

from backend.app import create_app
from backend.cli import register
from config.settings import load_settings

app = create_app(load_settings())
register(app)
