"""Count the uses of hashtags that were written before they were counted."""

from django.db import migrations

FLAG = """
UPDATE content_posthashtag used SET counted = true
FROM content_post p JOIN social_account a ON a.id = p.author_id
WHERE p.id = used.post_id AND p.state = 'published' AND p.audience = 'everyone'
  AND a.state = 'active' AND NOT a.is_private
"""
COUNT = """
UPDATE content_hashtag SET post_count = uses.number
FROM (SELECT hashtag_id, count(*) AS number FROM content_posthashtag WHERE counted GROUP BY hashtag_id) uses
WHERE uses.hashtag_id = content_hashtag.id
"""


class Migration(migrations.Migration):
    dependencies = [("content", "0003_content_complete")]

    operations = [
        migrations.RunSQL(FLAG, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
