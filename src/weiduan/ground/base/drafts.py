"""Forms that bring their receipt along: sent twice, they do what they ask once.

A form carries a signed random draft. Its receipt is derived from it with the site's own key, so that whoever reads the form's
page can't tell the receipt, and the same form always leads to the same one. Each kind of form has its own `salt`.
"""

import base64
import secrets

from django.core import signing
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from .errors import BadInput

LASTS_S = 24 * 60 * 60
DRAFT_BYTES, RECEIPT_BYTES = 16, 18  # a receipt has 24 characters


def new_draft(salt: str) -> str:
    """Return the draft of a form about to be filled in; it can be sent for a day."""
    return signing.dumps(secrets.token_urlsafe(DRAFT_BYTES), salt=salt)


def receipt_of(draft: str, salt: str) -> str:
    """Return the receipt a form leads to.

    :raises BadInput: the draft isn't one of ours, or is older than a day
    """
    try:
        drawn = signing.loads(draft, salt=salt, max_age=LASTS_S)
    except signing.BadSignature as error:
        raise BadInput(_("This form was more than a day old. Send it once more.")) from error
    digest = salted_hmac(salt, drawn, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:RECEIPT_BYTES]).decode()
