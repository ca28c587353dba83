import pytest

from panda_addon.meter.tokens import count, framing


@pytest.mark.parametrize(
    ("endpoint", "messages", "expected"),
    [
        ("chat.completions", 1, 7),
        ("chat.completions", 3, 15),
        ("chat.completions", 0, 0),
        ("responses", 1, 7),
        ("responses", 2, 11),
        ("responses", 0, 0),
        ("completions", 1, 0),
        ("embeddings", 5, 0),
        (None, 2, 0),
    ],
)
def test_messages_are_framed(endpoint, messages, expected):
    """Four tokens a message and three for the answer's beginning, where there are messages at all."""
    assert framing(endpoint, messages) == expected


@pytest.mark.parametrize(("endpoint", "expected"), [("chat.completions", 17), ("completions", 0)])
def test_a_message_with_a_name_has_one_token_more(endpoint, expected):
    """That is beside those of the name itself."""
    assert framing(endpoint, 3, 2) == expected


# From OpenAI's cookbook, `How_to_count_tokens_with_tiktoken.ipynb`.
JARGON = (
    "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
    "New synergies will help drive top-line growth.",
    "Things working well together will increase revenue.",
    "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
    "Let's talk later when we're less busy about how to do better.",
    "This late pivot means we don't have time to boil the ocean for the client deliverable.",
)
ASSISTANT = ("You are a helpful assistant.", "Hello!")
UNICORN = "Tell me a three sentence bedtime story about a unicorn."
BOSTON = "What is the weather like in Boston today?"
WEATHER = (
    "I can't provide real-time updates, but you can easily check the current weather in San Francisco using a weather "
    "website or app. Typically, San Francisco has cool, foggy summers and mild winters, so it's good to be prepared for "
    "variable weather!"
)
NO_WEATHER = (
    "I'm unable to provide real-time weather updates. To get the current weather in San Francisco, I recommend checking a "
    "reliable weather website or app like the Weather Channel or a local news station."
)
CAFE = (
    "Create a simple landing page for a dog petting café.",
    "Below is a single file, ready-to-use landing page for a dog petting café:...",
)


@pytest.mark.parametrize(
    ("endpoint", "encoding", "texts", "reported", "more"),
    [
        # Recorded by openai-python's tests, of gpt-4o in September 2024 and of gpt-4o-mini in August 2025.
        ("chat.completions", "o200k_base", ("What's the weather like in SF?",), 14, 0),
        ("responses", "o200k_base", ("What's the weather like in SF?",), 14, 0),
        # The examples of the API reference (openai-openapi, August 2026).
        ("chat.completions", "o200k_base", ASSISTANT, 19, 0),
        ("completions", "cl100k_base", ("Say this is a test",), 5, 0),
        ("embeddings", "cl100k_base", ("The food was delicious and the waiter...",), 8, 0),
        # One for gpt-5, of the endpoint that counts and does nothing else.
        ("responses", "o200k_base", ("Tell me a joke.",), 11, -1),
        # Those of March 2025, the second with instructions; the third of a model that reasons.
        ("responses", "o200k_base", (UNICORN,), 36, 18),
        ("responses", "o200k_base", ASSISTANT, 37, 18),
        ("responses", "o200k_base", ("How much wood would a woodchuck chuck?",), 81, 64),
        ("responses", "o200k_base", CAFE, 139, 97),
        # With one function, which is written into the prompt.
        ("chat.completions", "o200k_base", (BOSTON,), 82, 66),
        ("responses", "o200k_base", (BOSTON,), 291, 275),
    ],
)
def test_counts_are_those_that_openai_reports(endpoint, encoding, texts, reported, more):
    """What OpenAI reported for a request is its texts and their frame, and so much more that nothing here knows of."""
    assert count(texts, encoding) + framing(endpoint, len(texts)) == reported - more


# Who says the jargon: the last four are examples.
NAMES = ("example_user", "example_assistant") * 2


@pytest.mark.parametrize(("encoding", "reported"), [("o200k_base", 124), ("cl100k_base", 129)])
def test_the_names_of_messages_are_counted_as_openai_counts_them(encoding, reported):
    """The cookbook has what gpt-4o and gpt-4 reported of six messages, four of them with names."""
    found = count(JARGON, encoding) + count(NAMES, encoding)
    assert found + framing("chat.completions", len(JARGON), len(NAMES)) == reported


@pytest.mark.parametrize(
    ("text", "reported", "more"),
    [
        ("Hello! How can I assist you today?", 10, 1),
        ("Mind of circuits hum,  \nLearning patterns in silence—  \nFuture's quiet spark.", 18, 1),
        ("Silent circuits hum,  \nThoughts emerge in data streams—  \nDigital dawn breaks.", 18, 1),
        ("Hi there! How can I assist you today?", 11, 1),
        (WEATHER, 50, 1),
        (NO_WEATHER, 37, 0),
    ],
)
def test_answers_have_one_token_more(text, reported, more):
    """The end of an answer is a token that OpenAI reports, since 2025."""
    assert count([text], "o200k_base") == reported - more
