"""The old text completions, whose prompt may be token ids."""

from panda_addon.wire.shape import Route, Shape

ROUTES = (
    Route(
        "POST",
        "/v1/completions",
        "completions",
        Shape(
            caps=("max_tokens",),
            answers=("n", "best_of"),
            end_user=("user",),
            tokens=("prompt",),
            reports_on_demand=True,
        ),
    ),
)
