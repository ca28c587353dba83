from panda_addon.transcript import MAX_KEPT, Transcript


def test_pieces_are_put_together_by_text():
    """Pieces of several texts may come in any order: each text is whole."""
    transcript = Transcript()
    for name, piece in (("a", "one "), ("b", "x"), ("a", "two"), ("b", "")):
        transcript.add(name, piece)
    assert list(transcript.texts()) == ["one two", "x"]
    assert transcript.chars == transcript.kept == 8


def test_no_more_is_kept_than_there_is_room_for():
    """What comes beyond the bound is measured and not kept."""
    transcript = Transcript()
    transcript.add("a", "x" * (MAX_KEPT - 2))
    transcript.add("b", "yyyy")
    transcript.add("c", "z")
    assert [len(text) for text in transcript.texts()] == [MAX_KEPT - 2, 2]
    assert (transcript.chars, transcript.kept) == (MAX_KEPT + 3, MAX_KEPT)
