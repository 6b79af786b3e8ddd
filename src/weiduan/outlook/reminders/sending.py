"""Hand one message over to the service of a channel."""

from urllib.parse import urlencode

from django.conf import settings


def send(address: str, *, title: str, text: str) -> bool:
    """Send a message; tell whether the service took it.

    address  as `rules.read_address` made it: its host is the service's own, never one somebody named
    """
    # Read here: it is the slowest of our libraries to load, and only who sends needs it.
    from apprise import Apprise, AppriseAsset

    service = Apprise(asset=AppriseAsset(app_id="Weiduan", secure_logging=True, http_redirects=False))
    return bool(service.add(_service_url(address)) and service.notify(body=text, title=title))


def _service_url(address: str) -> str:
    """Return the address with the installation's own mail server, where it is a mailbox."""
    if not address.startswith("mailto:"):
        return address
    server = settings.REMINDERS_MAIL
    return f"{server}{'&' if '?' in server else '?'}{urlencode({'to': address.removeprefix('mailto:')})}"
