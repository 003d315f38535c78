#!/usr/bin/env python
"""Command line of the project: `manage.py help` lists the commands, `manage.py demo` starts everything."""

import os
import sys

# These touch no store, or bring their own, so they are not held to what production needs.
ENVIRONMENTS = {"demo": "demo", "help": "development", "--help": "development", "": "development"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.base")
    if environment := ENVIRONMENTS.get("".join(sys.argv[1:2])):
        os.environ.setdefault("APP_ENV", environment)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # What is wrong with the environment is for the operator to read, without a traceback.
        sys.exit(str(error))
