"""The tip line alone, on an origin of its own: another process, another account, its own variables only."""

from backend.tips_app import create_tips_app
from backend.tips_runtime import build_tips_runtime
from config.tip_line import load_tip_line

app = create_tips_app(build_tips_runtime(load_tip_line()))
