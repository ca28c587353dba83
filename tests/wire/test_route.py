import pytest

from panda_addon.wire.errors import WireError
from panda_addon.wire.free import FREE
from panda_addon.wire.route import ENDPOINTS, ROUTES, UNREAD, find


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_found_under_its_own_path(route):
    """Each method and path of the table leads to its endpoint and shape."""
    target = find(route.method, route.path.replace("{}", "some-id_1"))
    assert (target.endpoint, target.known, target.shape) == (route.endpoint, True, route.shape)


def test_the_endpoints_are_those_of_the_contract():
    """The names that a policy may use are as they were."""
    assert ENDPOINTS == (
        "audio.speech",
        "batches",
        "chat.completions",
        "completions",
        "embeddings",
        "images.generations",
        "models",
        "moderations",
        "responses",
    )


@pytest.mark.parametrize(
    ("method", "path", "endpoint", "known"),
    [
        ("HEAD", "/v1/models", "models", True),
        ("POST", "/v1/models", "models", False),
        ("OPTIONS", "/v1/chat/completions", "chat.completions", True),
        ("PATCH", "/v1/chat/completions", "chat.completions", False),
        ("post", "/v1/chat/completions", "chat.completions", False),
        ("GET", "/v1/models/ft:gpt-6-luna:acme::1", "models", True),
        ("POST", "/v1/files", "files", False),
        ("GET", "/v1/batches/batch_1", "batches", True),
        ("GET", "/v1/batches", "batches", False),
        ("POST", "/v1/batches", "batches", False),
        ("POST", "/v1/batches/batch_1/cancel", "batches", False),
        ("GET", "/v1/files/file-1/content", "files", False),
        ("POST", "/v1/audio/transcriptions", "audio.transcriptions", False),
        ("POST", "/v1/images/edits/more", "images.edits", False),
        ("POST", "/v1/images", "images", False),
        ("POST", "/v1/images/Your-Secret.Words", "images", False),
        ("POST", "/v1/images/" + "a" * 33, "images", False),
        ("POST", "/v1/images/your%20secret", "images", False),
        ("POST", "/v1/chat/other", "chat", False),
        ("POST", "/v1/responses/a/b/c", "responses", False),
        ("POST", "/v1/nothing", None, False),
        ("POST", "/v2/files", None, False),
        ("POST", "/v1", None, False),
        ("POST", "/", None, False),
        ("POST", "", None, False),
        ("OPTIONS", "*", None, False),
        ("POST", "/v1/%66iles", "files", False),
        ("POST", "/v1/files/a%20b", "files", False),
        ("POST", "/v1/chat/completions%2500", None, False),
    ],
)
def test_a_path_names_its_family_and_whether_it_is_known(method, path, endpoint, known):
    """Known are a route's own methods and reading; of any other path the family is named, in words of the API alone."""
    if endpoint is None and "chat" in path:
        endpoint = "chat"
    target = find(method, path)
    assert (target.endpoint, target.known) == (endpoint, known)


@pytest.mark.parametrize(
    "path",
    [
        "//v1/responses",
        "/v1//responses",
        "/v1/responses/",
        "/v1/responses//",
        "/v1/./responses",
        "/v1/x/../responses",
        "/x/..",
        "/v1/%2e%2e/x",
        "/v1/%72esponses",
        "/v1/responses%2F",
        "/v1/responses;a=b",
        "/v1\\responses",
        "/V1/Responses",
        "/v1/%52ESPONSES",
        "/v1/responses/a/b/../..",
        "/v1/models/..",
        "/v1/models/%2e%2E",
        "/v1/responses%2fcompact",
        "/v1/responses%5Ccompact",
        "/v1/models/a%00",
        "/v1//models/a b",
    ],
)
def test_a_known_path_in_an_odd_spelling_is_refused(path):
    """Where a server might see a known endpoint and Panda an unknown one, neither is guessed."""
    with pytest.raises(WireError) as caught:
        find("POST", path)
    assert caught.value.reason == "the path is not written in its plain form"


@pytest.mark.parametrize("path", FREE)
def test_a_path_that_is_not_read_may_be_free(path):
    """It is so in its plain form and by its own method alone."""
    written = path.replace("{}", "some-id_1")
    assert (find("POST", written).free, find("POST", written).known) == (True, False)
    for method, other in (
        ("PUT", written),
        ("post", written),
        ("POST", f"{written}/"),
        ("POST", f"{written}/x/y/z"),
        ("POST", written.replace("/v1/", "/v1//")),
        ("POST", written.replace("/v1/", "/v2/")),
        ("POST", written.upper()),
        ("POST", f"x{written}"),
    ):
        assert not find(method, other).free


@pytest.mark.parametrize(
    "path",
    [
        "batches",
        "containers",
        "containers/c/files",
        "vector_stores",
        "vector_stores/v",
        "vector_stores/v/files",
        "vector_stores/v/file_batches",
        "fine_tuning/jobs",
        "fine_tuning/jobs/j/resume",
        "fine_tuning/alpha/graders/run",
        "videos",
        "videos/v/remix",
        "evals/e/runs",
        "images/edits",
        "audio/transcriptions",
        "realtime/calls",
        "realtime/calls/c/accept",
        "live/sessions",
        "agents/sessions",
        "threads/runs",
        "decisions",
        "batches/../files",
        "conversations/c/items/i/x",
        "nothing",
        "files/a b",
        "conversations/%252e%252e%252fresponses",
        "conversations/a%3Fb",
        "conversations/a:b",
    ],
)
def test_what_sets_something_to_work_or_is_not_known_is_not_free(path):
    """Nor is what is billed by the time that it is kept."""
    try:
        assert not find("POST", f"/v1/{path}").free
    except WireError:
        assert ".." in path


@pytest.mark.parametrize("family", UNREAD)
def test_the_families_that_are_not_read_yet_can_be_named(family):
    """A path of a family without a reader has the family's name and is not known."""
    target = find("POST", f"/v1/{family}/x/y/z")
    assert (target.endpoint, target.known) == (f"{family}.x" if family in ("audio", "images") else family, False)


@pytest.mark.parametrize("path", ["/v1/models/.x", "/v1/chat/completions/a%20b", "/v1/models/ft:gpt-6:acme:my%20own:1"])
def test_an_id_may_be_written_with_escapes(path):
    """An id with a blank in it, as a fine-tuned model's name may have, is still an id."""
    assert find("GET", path).known
