"""Which model a name stands for, and which encoding it counts its tokens by. Knows names alone."""

import re

DEFAULT = "o200k_base"

# What came before gpt-4o, and the embeddings. `gpt-35` is how Azure spells gpt-3.5. Of the oldest, all shut down, tokens
# were counted by encodings that are not kept here; this is the nearer one of the two that are.
_CL100K = re.compile(
    r"gpt-4(-.*)?|gpt-3\.?5.*|text-embedding-.*|(davinci|babbage)-002"
    r"|(davinci|curie|babbage|ada|cushman)(-.*)?|(text|code)-(davinci|curie|babbage|ada|similarity|search|cushman)-.*|gpt-?2"
)


def base(model: str | None) -> str:
    """The model that a fine-tuned one was made of (`ft:gpt-4o-mini:org::id`, earlier `davinci:ft-org`), or its own name."""
    return (model or "").strip().lower().removeprefix("ft:").partition(":")[0]


def encoding_for(model: str | None) -> str:
    """The encoding of a model, as tiktoken's table has it and OpenAI says of newer ones; o200k_base if it is not known.

    A fine-tuned model counts as the one it was made of.
    """
    return "cl100k_base" if _CL100K.fullmatch(base(model)) else DEFAULT
