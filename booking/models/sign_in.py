"""How staff prove who they are beside the password, and the tries that failed. Must not decide who may sign in
(booking/sign_in.py does)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.encryption import SealedTextField


class SecondFactor(models.Model):
    """The secret that a member of staff shares with an app on a phone."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("member of staff")
    )
    # Sealed: one that no key opens must keep nobody from seeing, replacing or deleting the row.
    secret = SealedTextField(help_text=_("Base32, encrypted at rest."))
    last_step = models.PositiveBigIntegerField(default=0, help_text=_("The half minute of the last code: used once."))
    made_at = models.DateTimeField(_("set up"))

    class Privacy:
        personal = ("secret",)

    class Meta:
        ordering = ["user"]
        verbose_name = _("second step of a sign-in")
        verbose_name_plural = _("second steps of sign-ins")
        default_permissions = ("view", "delete")

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """One code for a day without the phone. Its keyed hash alone is stored."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=32)
    used_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["factor", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class SignInFailure(models.Model):
    """One try that failed; keyed hashes only. Kept for a day."""

    at = models.DateTimeField(db_index=True)
    name_hash = models.CharField(max_length=32)
    network_hash = models.CharField(max_length=32, blank=True)

    class Privacy:
        personal = ("name_hash", "network_hash")

    class Meta:
        ordering = ["at"]
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")
        default_permissions = ()

    def __str__(self) -> str:
        return f"failed sign-in {self.at:%Y-%m-%d %H:%M}Z"
