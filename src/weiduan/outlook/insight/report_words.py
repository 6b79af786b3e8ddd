"""What people read for states, moves, steps, channels and wishes of reports."""

from django.utils.translation import gettext_lazy as _

STATE_TITLES = {
    "filed": _("told, not yet accepted"), "accepted": _("taken up"), "in_hand": _("in hand"), "answered": _("answered"),
    "confirmed": _("solved, says whoever told it"), "disputed": _("not solved, says whoever told it"),
    "no_word": _("answered, no word came back"), "joined": _("joined to another report"),
    "not_ours": _("passed on"), "withdrawn": _("withdrawn"),
}  # fmt: skip
# What tag a state wears: late is for what waits for us against the word of whoever told it.
STATE_TAGS = {
    "filed": "soon", "accepted": "go", "in_hand": "go", "answered": "soon", "confirmed": "ok", "disputed": "late",
    "no_word": "", "joined": "", "not_ours": "", "withdrawn": "",
}  # fmt: skip
# What happens next, for whoever told it.
NEXT_WORDS = {
    "filed": _("Somebody there looks at it and accepts it, or passes it on to who can see to it."),
    "accepted": _("It is looked at on the spot or passed to who can solve it; then you get an answer here."),
    "in_hand": _("It is being worked on; when it is done you get an answer here."),
    "answered": _("Look whether it is solved, and say so below. Without a word from you it is closed after seven days."),
    "confirmed": _("It is closed. If it comes back within thirty days, say so below and it is opened again."),
    "disputed": _("It is taken up again, with the same number and the same clock."),
    "no_word": _("It was closed because no word came for seven days. If it isn't solved, say so below."),
    "joined": _("It goes on together with another report of the same matter; you see here how that one stands."),
    "not_ours": _("It is for somebody else to see to; the last step says who."),
    "withdrawn": _("You withdrew it; nothing more is done."),
}  # fmt: skip
MOVE_TITLES = {
    "accept": _("Take it up"), "begin": _("Work has begun"), "answer": _("Answer it"), "confirm": _("It is solved"),
    "dispute": _("It is not solved"), "reopen": _("It is not solved, open it again"), "lapse": _("Close without a word"),
    "hand_up": _("Hand up"), "hand_over": _("Hand over"), "join": _("Join to another"), "not_ours": _("Not ours"),
    "withdraw": _("Withdraw"), "pause": _("Stop the clock"), "resume": _("Let the clock go on"),
}  # fmt: skip
STEP_TITLES = {
    "told": _("Told"), "accept": _("Taken up"), "begin": _("Work began"), "answer": _("An answer was given"),
    "confirm": _("Whoever told it says: solved"), "dispute": _("Whoever told it says: not solved"),
    "reopen": _("Opened again by whoever told it"), "lapse": _("Closed: no word for seven days"),
    "hand_up": _("Handed up one level"), "hand_over": _("Handed over to another area"),
    "join": _("Joined to another report of the same matter"), "not_ours": _("Passed on to somebody else"),
    "withdraw": _("Withdrawn"), "pause": _("The clock was stopped"), "resume": _("The clock goes on"),
    "moved": _("The place was put right"), "recategorised": _("It was put right what it is about"),
    "task_given": _("A task was given"), "task_done": _("A task was done"),
    "noted": _("Note for colleagues"), "added": _("Added by whoever told it"), "contact_read": _("The contact was read"),
    "contact_erased": _("The contact was erased"), "words_erased": _("What was written was erased"),
}  # fmt: skip
CHANNEL_TITLES = {
    "portal": _("residents' page"), "desk": _("by telephone or on a visit"), "api": _("by a program"),
    "open311": _("by Open311"),
}  # fmt: skip
WISH_TITLES = {
    "anonymous": _("Nobody: I stay anonymous"), "handler_only": _("Only who has it in hand"),
    "answerable": _("Whoever handles it on its way"),
}  # fmt: skip
# Columns of what is published quarter by quarter.
COLUMN_TITLES = {
    "in_time": _("answered in time"), "late": _("answered, but late"), "unanswered": _("not answered yet"),
    "left_out": _("joined to another, passed on or withdrawn"), "solved": _("solved, says whoever told it"),
    "not_solved": _("not solved, says whoever told it"), "no_word": _("answered, no word came back"),
    "none_yet": _("no word asked for yet"),
}  # fmt: skip
