"""短讯: a word to whoever left a contact with an activity, a shift or a wish."""
