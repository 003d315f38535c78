"""`manage.py demo`: everything on one machine, in the foreground. `runner` starts and stops, `console` shows, `seed`
fills."""
