from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0016_what_a_task_is_about'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='desktask',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['opened_at', 'id'], name='task_open_oldest'),
        ),
    ]
