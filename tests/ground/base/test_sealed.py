import pytest
from django.core.exceptions import ImproperlyConfigured

from weiduan.ground.base.sealed import SealBroken, blind_index, seal, unseal

HERE = {"table": "organisation_person", "pk": "7", "field": "name"}


@pytest.fixture(autouse=True)
def two_keys(settings):
    settings.SEALED_KEYS = {"k1": "11" * 32, "2019": "22" * 32}
    settings.SEALED_KEY_IN_USE = "k1"
    settings.SEALED_CIPHER = "AES-256-GCM"
    settings.SEALED_INDEX_KEY = "33" * 32


@pytest.fixture(params=["AES-256-GCM", "SM4-GCM"])
def cipher(request, settings):
    settings.SEALED_CIPHER = request.param
    return request.param


def test_what_was_sealed_opens_in_its_place(cipher):
    sealed = seal("张示例", **HERE)

    assert unseal(sealed, **HERE) == "张示例"
    assert unseal(memoryview(sealed), **HERE) == "张示例"
    assert "张示例".encode() not in sealed


def test_the_same_text_is_sealed_differently_each_time(cipher):
    assert seal("张示例", **HERE) != seal("张示例", **HERE)


def test_empty_text_stays_empty(cipher):
    assert seal("", **HERE) == b""
    assert unseal(b"", **HERE) == ""


@pytest.mark.parametrize("elsewhere", [{"pk": "8"}, {"field": "contact"}, {"table": "accounts_user"}])
def test_moved_to_another_row_or_field_it_does_not_open(cipher, elsewhere):
    sealed = seal("张示例", **HERE)

    with pytest.raises(SealBroken, match="改动或挪动"):
        unseal(sealed, **HERE | elsewhere)


def test_any_changed_byte_and_any_cut_is_found(cipher):
    sealed = seal("张示例", **HERE)

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            unseal(bytes(changed), **HERE)
        with pytest.raises(SealBroken):
            unseal(sealed[: position or 1], **HERE)


def test_old_values_open_after_key_and_cipher_changed(settings):
    old = seal("张示例", **HERE)
    settings.SEALED_KEY_IN_USE, settings.SEALED_CIPHER = "2019", "SM4-GCM"
    new = seal("张示例", **HERE)

    assert unseal(old, **HERE) == unseal(new, **HERE) == "张示例"
    assert (old[0], old[2:4], new[0], new[2:6]) == (0x11, b"k1", 0x12, b"2019")


def test_a_value_whose_key_is_gone_says_which_key(settings):
    sealed = seal("张示例", **HERE)
    settings.SEALED_KEYS = {"2019": "22" * 32}

    with pytest.raises(SealBroken, match="k1"):
        unseal(sealed, **HERE)


def test_a_key_of_the_wrong_length_is_a_fault_of_the_installation(settings):
    settings.SEALED_KEYS = {"k1": "11" * 16}

    with pytest.raises(ImproperlyConfigured):
        seal("张示例", **HERE)


def test_a_phone_is_found_however_it_was_typed():
    written = [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "+86 13800000000",
        "008613800000000",
        "１３８００００００００",
    ]

    assert len({blind_index(text, purpose="phone") for text in written}) == 1
    assert blind_index("13800000001", purpose="phone") != blind_index("13800000000", purpose="phone")
    assert len(blind_index("13800000000", purpose="phone")) == 16


def test_a_name_is_found_with_or_without_its_spaces_but_not_under_another_purpose():
    assert blind_index("张 示例", purpose="name") == blind_index("张　示例 ", purpose="name")
    assert blind_index("张示例", purpose="name") != blind_index("张示例", purpose="alias")
    assert blind_index(" ", purpose="name") == b""


def test_an_index_is_made_with_this_installations_own_key(settings):
    before = blind_index("13800000000", purpose="phone")
    settings.SEALED_INDEX_KEY = "44" * 32

    assert blind_index("13800000000", purpose="phone") != before
