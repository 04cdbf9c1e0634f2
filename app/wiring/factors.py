"""Second factors, how they are built: apart, because they are many and hang together."""

from dataclasses import dataclass

from app.auth.backup_codes import BackupCodes
from app.auth.code_guesses import CodeGuesses
from app.auth.codes import Codes
from app.auth.email_codes import EmailCodes
from app.auth.enrolment import Enrolment
from app.auth.factor_changes import FactorChanges
from app.auth.freshness import Freshness
from app.auth.gate import Gate
from app.auth.lockout import Lockout
from app.auth.own_apps import OwnApps
from app.auth.own_password import OwnPassword
from app.auth.passkeys import Passkeys
from app.auth.pending import PendingLogins
from app.auth.reauthentication import Reauthentication
from app.auth.renewals import Renewals
from app.auth.second_factor import SecondFactor
from app.auth.totp import Totp
from app.crypto import Cipher
from app.outbox import Outbox
from app.storage.unit import Units
from app.wiring.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What adds factors, takes them, and asks for them again."""

    totp: Totp
    own_apps: OwnApps
    backup_codes: BackupCodes
    passkeys: Passkeys
    second_factor: SecondFactor
    enrolment: Enrolment
    reauthentication: Reauthentication


def factors_of(
    ports: Ports,
    units: Units,
    *,
    gate: Gate,
    lockout: Lockout,
    pending: PendingLogins,
    codes: Codes,
    cipher: Cipher,
    outbox: Outbox,
    changes: FactorChanges,
    freshness: Freshness,
    own_password: OwnPassword,
    renewals: Renewals,
) -> Factors:
    clock = ports.clock
    guesses = CodeGuesses(units, outbox=outbox, clock=clock)
    totp = Totp(units, cipher=cipher, guesses=guesses, changes=changes, clock=clock)
    backup_codes = BackupCodes(
        units, hasher=ports.hasher, cipher=cipher, outbox=outbox, freshness=freshness, clock=clock
    )
    passkeys = Passkeys(
        units, gate=gate, lockout=lockout, changes=changes, freshness=freshness, outbox=outbox, clock=clock
    )
    second_factor = SecondFactor(
        units,
        gate=gate,
        lockout=lockout,
        pending=pending,
        guesses=guesses,
        email_codes=EmailCodes(codes=codes, clock=clock),
        totp=totp,
        backup_codes=backup_codes,
        passkeys=passkeys,
        outbox=outbox,
    )
    return Factors(
        totp=totp,
        own_apps=OwnApps(
            units, totp=totp, backup_codes=backup_codes, changes=changes, freshness=freshness, clock=clock
        ),
        backup_codes=backup_codes,
        passkeys=passkeys,
        second_factor=second_factor,
        enrolment=Enrolment(
            units,
            gate=gate,
            pending=pending,
            second_factor=second_factor,
            totp=totp,
            passkeys=passkeys,
            backup_codes=backup_codes,
            clock=clock,
        ),
        reauthentication=Reauthentication(
            ports.pool,
            units,
            own_password=own_password,
            guesses=guesses,
            codes=codes,
            totp=totp,
            backup_codes=backup_codes,
            passkeys=passkeys,
            renewals=renewals,
            outbox=outbox,
            clock=clock,
        ),
    )
