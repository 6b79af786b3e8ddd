import pickle

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused


def test_a_refusal_says_its_sentence_in_the_language_of_who_reads_it():
    error = BadInput(_("Unknown coordinate system: %(system)s. Choose WGS 84, CGCS2000 or GCJ-02."), system="火星")

    assert str(error) == "不认识的坐标系：火星。请选择 WGS 84、CGCS2000 或 GCJ-02。"
    with translation.override("en"):
        assert error.message == "Unknown coordinate system: 火星. Choose WGS 84, CGCS2000 or GCJ-02."


def test_a_sentence_without_places_may_hold_a_percent_sign():
    assert str(Refused("超过 10%")) == "超过 10%"


def test_each_kind_of_refusal_has_its_answer_for_a_browser():
    assert (Refused.status, BadInput.status, NotAllowed.status, NotFound.status) == (409, 400, 403, 404)


def test_a_refusal_can_come_back_from_another_process():
    error = BadInput(_("Unknown coordinate system: %(system)s. Choose WGS 84, CGCS2000 or GCJ-02."), system="火星")

    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again)) == (BadInput, str(error))
