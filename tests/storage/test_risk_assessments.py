"""Assessments at rest."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from app.storage import expired, risk_assessments
from tests.assessments import assessed


def test_what_becomes_of_a_sign_in_is_added_later(services, cast):
    made, elsewhere = UUID(assessed(services, cast.ada, outcome="code_required")), cast.globex.id
    with services.units.begin(cast.acme.id) as unit:
        change = {"assessment_id": made, "outcome": "allowed_after_code"}
        assert risk_assessments.set_outcome(unit.db, tenant_id=elsewhere, **change) is None
        assert risk_assessments.set_outcome(unit.db, tenant_id=cast.acme.id, **change).id == made
    with services.units.read(cast.acme.id) as db:
        assert risk_assessments.by_id(db, tenant_id=cast.acme.id, assessment_id=made).outcome == "allowed_after_code"
        assert risk_assessments.by_id(db, tenant_id=elsewhere, assessment_id=made) is None


@pytest.mark.parametrize("wrong", [{"level": "huge"}, {"mode": "loud"}, {"outcome": "lost"}], ids=str)
def test_the_database_knows_the_words(services, cast, wrong):
    with pytest.raises(IntegrityError, match="ck_risk_assessments"):
        assessed(services, cast.ada, **wrong)


def test_they_are_kept_for_a_year(services, cast):
    old = UUID(assessed(services, cast.ada, ago=timedelta(days=366)))
    young = UUID(assessed(services, cast.ada, ago=timedelta(days=364)))
    with services.units.platform() as unit:
        assert expired.purge_unscoped(unit.db, now=services.ports.clock())["risk_assessments"] >= 1
    with services.units.read(cast.acme.id) as db:
        assert risk_assessments.by_id(db, tenant_id=cast.acme.id, assessment_id=old) is None
        assert risk_assessments.by_id(db, tenant_id=cast.acme.id, assessment_id=young)


def test_a_simulation_reads_them_oldest_first_whatever_their_order(services, cast):
    made = [assessed(services, cast.ada, ago=timedelta(minutes=minute)) for minute in range(5)]
    with services.units.read(cast.acme.id) as db:
        since = services.ports.clock() - timedelta(hours=1)
        found = [str(one.id) for one in risk_assessments.since(db, tenant_id=cast.acme.id, moment=since)]
    assert found == made[::-1]
