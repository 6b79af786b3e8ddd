"""Which browser somebody signed in with, in the words people know it by."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# In this order: a browser also names those it wants to be taken for, and tells what is its own first here.
BROWSERS = (
    ("MicroMessenger/", gettext_lazy("WeChat")), ("DingTalk/", gettext_lazy("DingTalk")),
    ("HuaweiBrowser/", gettext_lazy("Huawei browser")), ("MiuiBrowser/", gettext_lazy("Xiaomi browser")),
    ("QQBrowser/", gettext_lazy("QQ browser")), ("UCBrowser/", gettext_lazy("UC browser")),
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"), ("HarmonyOS", "HarmonyOS"), ("Windows", "Windows"), ("iPhone", "iPhone"),
    ("iPad", "iPad"), ("Android", gettext_lazy("Android phone")), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_named(user_agent: str) -> str:
    """Return "Chrome · Windows" for what a browser says of itself; a stranger is called so."""
    known = [next((name for mark, name in marks if mark in user_agent), None) for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(str(name) for name in known if name) or _("a browser unknown here")
