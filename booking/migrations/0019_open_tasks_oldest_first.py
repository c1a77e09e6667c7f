from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0018_news_to_tell'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='desktask',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['opened_at', 'id'], name='task_open_oldest'),
        ),
    ]
