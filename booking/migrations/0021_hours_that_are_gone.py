"""What a person knows to speak against a time; whose day we closed stands first in the queue."""

import datetime

from django.db import migrations, models
from django.db.models import F, Q, Value

INDEXES = {"request_queue_order": "staff_turn", "request_order_in_status": "status"}


def outside_of_hours_is_known(apps, schema_editor):
    """Staff may have set a time outside of the doctor's hours because the doctor agreed: nobody is asked to call. The
    first look takes it back from times that lie within. A closure over a time that somebody has is news."""
    apps.get_model("booking", "HeldTime").objects.exclude(kind="block").update(known_against="hours")


def loses_on(*, first):
    first_of_all = Value(datetime.date(2000, 1, 1), models.DateField())
    return models.GeneratedField(
        db_persist=True,
        expression=models.Case(
            models.When(last_acceptable_day__isnull=False, then=F("last_acceptable_day")),
            models.When(first, then=first_of_all),
            default=Value(datetime.date(9999, 12, 31), models.DateField()),
        ),
        output_field=models.DateField(),
    )


class Migration(migrations.Migration):
    dependencies = [("booking", "0020_texts_we_cannot_place")]

    operations = [
        migrations.AddField("heldtime", "known_against", models.TextField(blank=True, default="", db_default="")),
        migrations.AlterField(
            model_name='desktask',
            name='kind',
            field=models.CharField(choices=[('message_failed', 'A message did not arrive: call'), ('message_unknown', 'Not known whether a message arrived: call'), ('not_delivered', 'The time of the visit may not have arrived: call'), ('wants_to_cancel', 'Probably wants to cancel: call'), ('read_text', 'Wrote a text: read it'), ('offer_expired', 'The offer ran out: call'), ('offer_taken_back', 'We closed a day that was offered: call'), ('hours_gone', 'We closed the day, or the doctor is not there at that time: call'), ('prescription', 'The visit is near and no prescription is ticked: call'), ('tell_time', 'Tell the patient the time: call'), ('tell_offer', 'Tell the patient the offered times: call'), ('tell_end', 'Tell the patient that it is cancelled or declined: call')], max_length=20),
        ),
        migrations.RunPython(outside_of_hours_is_known, migrations.RunPython.noop, elidable=True),
        # A generated column cannot be changed, only made again.
        *(migrations.RemoveIndex("appointmentrequest", name) for name in INDEXES),
        migrations.RemoveField("appointmentrequest", "loses_on"),
        migrations.AddField(
            "appointmentrequest",
            "loses_on",
            loses_on(first=Q(status="next_cycle") | Q(status_reason="clinic_closed")),
        ),
        *(
            migrations.AddIndex(
                "appointmentrequest",
                models.Index(fields=[first, "loses_on", "answer_by", "created_at", "id"], name=name),
            )
            for name, first in INDEXES.items()
        ),
    ]
