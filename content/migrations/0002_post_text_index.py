"""A trigram index below `GET /posts/?search=`. By hand: the model knows nothing of it."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial")]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(
            "CREATE INDEX content_post_text ON content_post USING gin (title gin_trgm_ops, caption gin_trgm_ops)",
            "DROP INDEX content_post_text",
        ),
    ]
