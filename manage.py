#!/usr/bin/env python
"""Command line of the project: `manage.py help` lists the commands, `manage.py demo` starts everything."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.base")
    # The demo brings its own engines and key, so it must not be held to what production needs.
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("APP_ENV", "demo")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
