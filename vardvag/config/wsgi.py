"""The pages for any WSGI server (scaled installations); `vardvag web` serves them through asgi.py."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")
application = get_wsgi_application()
