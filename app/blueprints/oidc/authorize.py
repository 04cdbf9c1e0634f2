"""The authorization endpoint (RFC 6749, section 3.1): where applications send people, and where their way ends.

A request by POST comes across sites, and so without cookies: its flow is bound to a ticket that goes into the address
of the next hop, and is exchanged there, once, for this browser's secret. Whoever could steal it from there could as
well begin a flow of their own.
"""

from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app import crypto
from app.blueprints import _accounts, _context, _cookies, _flows
from app.blueprints._guards import asked_by_applications, open_to_anyone
from app.blueprints._limits import AUTHORIZE, limited
from app.blueprints._render import to
from app.blueprints._services import services
from app.blueprints.oidc import _answers
from app.oidc.answering import Answer, Refused
from app.oidc.checks import Unproven
from app.oidc.flows import Flow
from app.oidc.progress import Step

bp = Blueprint("authorize", __name__)
_PAGES = {
    Step.SIGN_IN: "/login?flow={}",
    Step.REGISTER: "/register?flow={}",
    Step.CHOOSE: "/login/accounts?flow={}",
    Step.REAUTHENTICATE: "/reauthenticate?flow={}",
    Step.CONSENT: "/oauth2/consent/{}",
}


@bp.before_request
def only_look() -> Response | None:
    """HEAD asks what GET would say, and must not use up an answer (RFC 9110, section 9.3.2)."""
    return _answers.private(Response(mimetype="text/html")) if request.method == "HEAD" else None


@bp.get("/oauth2/authorize")
@open_to_anyone
@limited(*AUTHORIZE)
def new() -> ResponseReturnValue:
    try:
        return _onward(services().openid.authorization.begin(_context.tenant(), _parameters()))
    except Unproven as refusal:
        return _answers.error(refusal)
    except Refused as refused:
        return _answers.refused(refused)


@bp.post("/oauth2/authorize")
@open_to_anyone
@asked_by_applications
@limited(*AUTHORIZE)
def create() -> ResponseReturnValue:
    try:
        flow = services().openid.authorization.begin(_context.tenant(), _parameters())
    except Unproven as refusal:
        return _answers.error(refusal)
    except Refused as refused:
        return _answers.refused(refused)
    ticket = crypto.mint()
    services().openid.flows.keep(_context.tenant(), flow, ticket)
    return _answers.private(to(f"{_flows.AUTHORIZE}/{flow.id}?ticket={ticket}"))


@bp.get("/oauth2/authorize/<uuid:flow_id>")
@open_to_anyone
@limited(*AUTHORIZE)
def resume(flow_id: UUID) -> ResponseReturnValue:
    if ticket := request.args.get("ticket"):
        return _bound(flow_id, ticket)
    return _go(flow_id, by_page=False)


@bp.get("/oauth2/authorize/<uuid:flow_id>/continue")
@open_to_anyone
@limited(*AUTHORIZE)
def go_on(flow_id: UUID) -> ResponseReturnValue:
    """Where forms of ours lead."""
    return _go(flow_id, by_page=True)


@bp.get("/oauth2/authorize/<uuid:flow_id>/again")
@open_to_anyone
@limited(*AUTHORIZE)
def restart(flow_id: UUID) -> ResponseReturnValue:
    """The same request once more: what was checked then is in its row."""
    flow = services().openid.flows.read(_context.tenant(), flow_id, _flows.browser())
    if flow is None:
        return _answers.over(None)
    try:
        return _onward(services().openid.authorization.again(flow))
    except Unproven as refusal:
        return _answers.error(refusal)


def _parameters() -> dict[str, list[str]]:
    """All that was sent, wherever: what stands in the address and in the form was sent twice."""
    sent = [request.args, request.form] if request.method == "POST" else [request.args]
    names = {name for each in sent for name in each}
    return {name: [value for each in sent for value in each.getlist(name)] for name in names}


def _bound(flow_id: UUID, ticket: str) -> Response:
    """From the ticket to the browser, and to the same address without it."""
    browser = _flows.browser_or_new()
    services().openid.flows.bind(_context.tenant(), flow_id, ticket=ticket, browser=browser)
    response = to(f"{_flows.AUTHORIZE}/{flow_id}")
    _cookies.put(response, _cookies.BROWSER, browser, life=None)
    return _answers.private(response)


def _go(flow_id: UUID, *, by_page: bool) -> Response:
    flow = services().openid.flows.read(_context.tenant(), flow_id, _flows.browser())
    if flow is None or not flow.open:
        return _answers.over(flow)
    try:
        return _onward(flow, by_page=by_page)
    except Unproven as refusal:
        return _answers.error(refusal)


def _onward(flow: Flow, *, by_page: bool = False) -> Response:
    """To the next step, or with the answer to the application."""
    tenant = _context.tenant()
    found = services().openid.authorization.advance(tenant, flow, *_accounts.asked(flow))
    if isinstance(found, Step):
        return _step(flow, found)
    if found is None:
        return _answers.over(services().openid.flows.read(tenant, flow.id, _flows.browser()))
    return _answered(flow, found, by_page=by_page)


def _answered(flow: Flow, answer: Answer, *, by_page: bool) -> Response:
    return _answers.continued(answer, flow.client.name) if by_page else _answers.sent(answer)


def _step(flow: Flow, step: Step) -> Response:
    if step is Step.REGISTER and not _context.tenant().settings.registration_open:
        step = Step.SIGN_IN
    response = to(_PAGES[step].format(flow.id))
    if not flow.kept:
        browser = _flows.browser_or_new()
        services().openid.flows.keep(_context.tenant(), flow, browser)
        _cookies.put(response, _cookies.BROWSER, browser, life=None)
    return _answers.private(response)
