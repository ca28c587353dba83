"""Speech from text; the answer is audio."""

from panda_addon.wire.shape import Route, Shape

ROUTES = (Route("POST", "/v1/audio/speech", "audio.speech", Shape(spoken=("input",))),)
