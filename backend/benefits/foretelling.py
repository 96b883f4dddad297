"""What a yearly confirmation will take, before it is begun: how many are asked, over which channel, at what cost."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.benefits import campaigns
from backend.catalogue import queries as catalogue
from backend.models.benefit import Recipient
from backend.notifications import forecasts
from backend.notifications.costs import Tariff
from backend.notifications.forecasts import Forecast
from backend.notifications.planning import Reach
from backend.notifications.wording.speaking import Params

#: Messages to somebody who never answers: the question, two reminders, the offer of a call or a visit.
AT_MOST = 4


def foretell(
    session: Session,
    *,
    county: str,
    service_item: str,
    period: str,
    answer_by: date,
    reach: Reach,
    wechat: bool,
    tariff: Tariff,
    phone: str,
    now: datetime,
) -> Forecast:
    """The first message of the campaign that ``campaigns.begin`` would begin with the same words; changes nothing.

    ``county``: its 12 digits; ``phone``: of the installation. ``Invalid`` for item, year or day.
    """
    campaigns.check(session, service_item, period, answer_by, now)
    params: Params = {
        "service": catalogue.definition(session, service_item).name,
        "phone": phone,
        "answer_by": answer_by,
    }
    return forecasts.forecast(
        session,
        people=_people(county, service_item),
        template=campaigns.ASKED,
        params=params,
        reach=reach,
        wechat=wechat,
        tariff=tariff,
        now=now,
    )


def _people(county: str, service_item: str) -> Select[int]:
    """Everybody on the list, with the account that is told, as the opening reaches them."""
    current = (Recipient.county == county, Recipient.service_item == service_item, Recipient.ended_on.is_(None))
    return select(Recipient.resident_id).where(*current)
