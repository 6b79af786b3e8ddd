"""Forms that bring their receipt along: sent twice, they book once.

A form carries a signed random draft. Its receipt is derived from it with the site's own key, so that whoever reads the form's
page can't tell the receipt, and the same form always leads to the same one.
"""

import base64
import secrets

from django.core import signing
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput
from weiduan.systems.venues.facilities.rules import TOKEN_BYTES

SALT = "weiduan.booking"
LASTS_S = 24 * 60 * 60
RECEIPT_BYTES = 18  # 24 characters


def new_draft() -> str:
    """Return the draft of a form about to be filled in; it can be sent for a day."""
    return signing.dumps(secrets.token_urlsafe(TOKEN_BYTES), salt=SALT)


def receipt_of(draft: str) -> str:
    """Return the receipt a form leads to.

    :raises BadInput: the draft isn't one of ours, or is older than a day
    """
    try:
        drawn = signing.loads(draft, salt=SALT, max_age=LASTS_S)
    except signing.BadSignature as error:
        raise BadInput(_("This form is more than a day old. Open it anew and book again.")) from error
    digest = salted_hmac(SALT, drawn, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:RECEIPT_BYTES]).decode()
