"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weiduan.config.settings.embedded")
application = get_wsgi_application()
gc.freeze()  # what start-up made stays anyway; collecting it again and again costs pages a tenth of their time
