"""The words of messages become rows of their own, and a line of the consent ledger says more about where it was given.
The changed ledger is guarded again (SQLite makes the table anew), and the words are guarded like a ledger."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

before = import_module("booking.migrations.0005_append_only_ledgers")

_CONSENT, *_OTHERS = before.LEDGERS
CONSENT = (_CONSENT[0], (*_CONSENT[1], "field_value", "page_versions", "browser", "provider_id"), _CONSENT[2])
WORDINGS = (
    "booking_wordingversion",
    ("id", "kind", "channel", "language", "number", "subject", "text", "restores", "saved_at", "saved_by_id"),
    "",
)
LEDGERS = (CONSENT, *_OTHERS, WORDINGS)


def guard(apps, schema_editor):
    """Make the triggers that the changes above lost or that are new."""
    vendor = schema_editor.connection.vendor
    make = {"sqlite": before.sqlite, "postgresql": before.postgresql}[vendor]
    for ledger in (CONSENT, WORDINGS):
        for statement in make(*ledger):
            schema_editor.execute(statement, params=None)


def nothing(apps, schema_editor):
    """The way back is done by the other step."""


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0006_reports_are_read_later'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(nothing, before.guard),
        migrations.AddField(
            model_name='consentevent',
            name='browser',
            field=models.CharField(blank=True, help_text="The browser's own name (user agent).", max_length=200),
        ),
        migrations.AddField(
            model_name='consentevent',
            name='field_value',
            field=models.CharField(blank=True, help_text='What the ticked box sent.', max_length=60),
        ),
        migrations.AddField(
            model_name='consentevent',
            name='page_versions',
            field=models.CharField(blank=True, help_text='The published texts that stood behind the links beside the box.', max_length=120),
        ),
        migrations.AddField(
            model_name='consentevent',
            name='provider_id',
            field=models.CharField(blank=True, help_text="The provider's id of a text (SID).", max_length=40),
        ),
        migrations.AddField(
            model_name='outgoingmessage',
            name='wording_version',
            field=models.PositiveSmallIntegerField(default=0, help_text='Which version of its words was sent; 0 is the built-in.'),
        ),
        migrations.CreateModel(
            name='WordingVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=24, verbose_name='message')),
                ('channel', models.CharField(choices=[('sms', 'Text'), ('email', 'Email')], max_length=5, verbose_name='channel')),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Spanish')], max_length=2, verbose_name='language')),
                ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                ('subject', models.CharField(blank=True, max_length=120, verbose_name='subject')),
                ('text', models.TextField(help_text='One sentence a line, with slots in braces.', verbose_name='words')),
                ('restores', models.PositiveSmallIntegerField(blank=True, help_text='The version that was saved again; 0 is the built-in.', null=True, verbose_name='brings back')),
                ('saved_at', models.DateTimeField(verbose_name='saved')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'wording of a message',
                'verbose_name_plural': 'wordings of messages',
                'ordering': ['kind', 'channel', 'language', '-number'],
                'default_permissions': ('view',),
                'constraints': [models.UniqueConstraint(fields=('kind', 'channel', 'language', 'number'), name='one_wording_per_version_number'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='wording_counts_from_one'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='wording_is_not_empty'), models.CheckConstraint(condition=models.Q(models.Q(('channel', 'sms'), ('subject', '')), models.Q(('channel', 'email'), models.Q(('subject', ''), _negated=True)), _connector='OR'), name='wording_of_an_email_has_a_subject')],
            },
        ),
        migrations.RunPython(guard, nothing),
    ]
