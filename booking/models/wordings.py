"""The words of messages as managers changed them. Must not hold the built-in words or the rules for new ones
(booking/messaging does)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.append_only import AppendOnly
from booking.models.messages import OutgoingMessage


class WordingVersion(AppendOnly):
    """The words of one kind of message, on one channel, in one language, as somebody saved them. The newest one is
    sent. Only ever added: to go back is to save the older words again."""

    class Language(models.TextChoices):
        """The languages that messages are written in."""

        ENGLISH = "en", _("English")
        SPANISH = "es", _("Spanish")

    kind = models.CharField(_("message"), max_length=24)
    channel = models.CharField(_("channel"), max_length=5, choices=OutgoingMessage.Channel.choices)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    number = models.PositiveSmallIntegerField(_("version"))
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    text = models.TextField(_("words"), help_text=_("One sentence a line, with slots in braces."))
    restores = models.PositiveSmallIntegerField(
        _("brings back"), null=True, blank=True, help_text=_("The version that was saved again; 0 is the built-in.")
    )
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["kind", "channel", "language", "-number"]
        verbose_name = _("wording of a message")
        verbose_name_plural = _("wordings of messages")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "channel", "language", "number"], name="one_wording_per_version_number"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="wording_counts_from_one"),
            models.CheckConstraint(condition=~Q(text=""), name="wording_is_not_empty"),
            models.CheckConstraint(
                condition=Q(channel="sms", subject="") | (Q(channel="email") & ~Q(subject="")),
                name="wording_of_an_email_has_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.language} {self.number}"
