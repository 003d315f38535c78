from django.db import migrations


class Migration(migrations.Migration):
    """Ids of follow requests: the edges live in the graph, their numbers come from here."""

    dependencies = [("social", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE social_follow_request_id AS bigint", "DROP SEQUENCE social_follow_request_id"
        )
    ]
