"""Letters become mails: subject, text and HTML from the templates under ``templates/email``."""

from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app import theme
from app.email.post import Carrier, Letter, Mail
from app.storage.unit import unit_is_open
from app.tenancy import Tenant

_TEMPLATES = Path(__file__).parents[1] / "templates"


class Writer:
    """The post: writes letters and gives them to a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def send(self, tenant: Tenant, letter: Letter) -> None:
        if unit_is_open():
            raise RuntimeError("sending mail inside a unit")
        self._carrier.carry(self.write(tenant, letter))

    def write(self, tenant: Tenant, letter: Letter) -> Mail:
        """The mail for a letter. The same for the same letter: nothing here is random."""
        context = {
            **asdict(letter),
            "tenant": tenant,
            "recipient": {"name": letter.name, "email": letter.to},
            "more_link": "",
            "brand": tenant.theme.primary,
            "on_brand": theme.text_on(tenant.theme.primary),
        }
        subject = self._render(letter.template, "subject.txt", context)
        return Mail(
            to=letter.to,
            subject=" ".join(subject.split()),
            text=self._render(letter.template, "body.txt", context),
            html=self._render(letter.template, "body.html", context),
        )

    def _render(self, template: str, part: str, context: dict[str, object]) -> str:
        return self._environment.get_template(f"email/{template}/{part}").render(context)
