"""Who keeps which kind of promise, in the worker."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from app.auth.alerts import Alerts
from app.auth.codes import Codes
from app.auth.email_change import EmailChangeMail
from app.auth.email_codes import EmailCodeMail
from app.auth.factor_reset_mail import FactorResetMail
from app.auth.magic_link_mail import MagicLinkMail
from app.auth.reauthentication_mail import ReauthenticationMail
from app.auth.recovery import RecoveryMail
from app.auth.telling import Telling
from app.auth.verification import VerificationMail
from app.clock import Clock
from app.crypto import Cipher
from app.email.render import Writer
from app.oidc.backchannel import PROMISE as BACKCHANNEL_LOGOUT
from app.oidc.backchannel import BackchannelLogout
from app.outbox import Outbox, Undeliverable
from app.storage.unit import Units
from app.tenancy import Tenant
from app.tenants.resolve import Tenants
from app.users.erasure import FarewellMail
from app.users.export_building import ExportBuilder

Keep = Callable[[Tenant, Mapping[str, Any]], None]
# They wait for other people's servers.
SLOW = (BACKCHANNEL_LOGOUT,)


def mails(
    units: Units, post: Writer, clock: Clock, *, codes: Codes, telling: Telling, outbox: Outbox
) -> dict[str, Keep]:
    """Who keeps which kind of promise."""
    alerts = Alerts(units, post=post, telling=telling, clock=clock)
    changes = EmailChangeMail(units, post=post, clock=clock)
    return {
        "mail.verification": VerificationMail(units, post=post, clock=clock).send_now,
        "mail.magic_link": MagicLinkMail(
            units, post=post, codes=codes, telling=telling, outbox=outbox, clock=clock
        ).send_now,
        "mail.email_code": EmailCodeMail(units, post=post, codes=codes, telling=telling, clock=clock).send_now,
        "mail.reauthentication_code": ReauthenticationMail(
            units, post=post, codes=codes, telling=telling, clock=clock
        ).send_now,
        "mail.password_reset": RecoveryMail(units, post=post, outbox=outbox, clock=clock).send_now,
        "mail.email_change": changes.prove,
        "mail.email_changed": changes.tell,
        "mail.security_alert": alerts.security_alert,
        "mail.sign_in_blocked": alerts.sign_in_blocked,
        "mail.account_locked": alerts.account_locked,
        "mail.login_alert": alerts.login_alert,
        "mail.session_revoked": alerts.session_revoked,
        "mail.password_changed": alerts.password_changed,
        "mail.second_factor_enabled": alerts.second_factor_enabled,
        "mail.second_factor_disabled": alerts.second_factor_disabled,
        "mail.backup_codes_low": alerts.backup_codes_low,
        "mail.factor_reset": FactorResetMail(units, post=post, clock=clock).send_now,
        "mail.welcome": alerts.welcome,
    }


def own_data(units: Units, post: Writer, clock: Clock, *, outbox: Outbox, cipher: Cipher) -> dict[str, Keep]:
    builder = ExportBuilder(units, outbox=outbox, cipher=cipher, post=post, clock=clock)
    return {
        "export.build": builder.build_now,
        "mail.data_export": builder.send_now,
        "mail.account_deleted": FarewellMail(units, post=post, clock=clock).send_now,
    }


def calls(backchannel: BackchannelLogout) -> dict[str, Keep]:
    """Told to applications, by HTTP."""
    return {BACKCHANNEL_LOGOUT: backchannel.tell}


def keepers_of(tenants: Tenants, promises: Mapping[str, Keep]) -> dict[str, Callable[[UUID, Mapping[str, Any]], None]]:
    def keeper(keep: Keep) -> Callable[[UUID, Mapping[str, Any]], None]:
        def kept(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
            tenant = tenants.by_id(tenant_id)
            if tenant is None:
                raise Undeliverable("the tenant is gone")
            if tenant.suspended:
                raise Undeliverable("the tenant is suspended")
            keep(tenant, payload)

        return kept

    return {kind: keeper(keep) for kind, keep in promises.items()}
