"""A workflow held to a model in plain Python: in any order of deeds, what the model forbids is refused and writes nothing."""

from collections import Counter
from collections.abc import Iterable

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from weiduan.ground.base.errors import Refused
from weiduan.ground.ledger.models import Entry

STEPS = (50, 25, 40, 60, 30)  # deeds in a run; hypothesis leaves some sorts out of each, so another length does others


def run(machine: type["HeldToAModel"], deeds: int, steps: int = STEPS[0]) -> None:
    """Do so many deeds in runs of `steps`, the same ones each time; raise where the model and the system differ."""
    how = settings(
        max_examples=max(1, deeds // steps), stateful_step_count=steps, deadline=None, database=None, derandomize=True,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=how)


def run_until_each_was_done(machine: type["HeldToAModel"], deeds: int, sorts: Iterable[str]) -> None:
    """Go on, by other lengths of runs, until each sort of deed came about and was not only refused."""
    machine.done.clear()
    for steps in STEPS:
        run(machine, deeds, steps)
        missing = [deed for deed in sorts if not machine.done[deed]]
        if not missing:
            return
    raise AssertionError(f"never came about: {missing}")


class HeldToAModel(RuleBasedStateMachine):
    """Does deeds at `now`, in a world that is taken back afterwards; `done` counts those of all runs that came about."""

    done: Counter[str]

    def begin_world(self):
        self.world = transaction.atomic()
        self.world.__enter__()

    def teardown(self):
        if hasattr(self, "world"):
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

    def tried(self, may, deed, *arguments, **options):
        """Do a deed, and hold the model to it: done where it may be, else refused with nothing written.

        Returns what the deed returned, True where that is nothing; None where it was refused.
        """
        written = Entry.objects.count()
        try:
            found = deed(*arguments, at=self.now, **options)
        except Refused:
            assert not may
            assert Entry.objects.count() == written
            return None
        assert may
        self.done[deed.__name__] += 1
        return found if found is not None else True
