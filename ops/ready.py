"""Says on the terminal that the product answers, where, and with which demo accounts; started once per run."""

from __future__ import annotations

import http.client
import time

from config.settings import Settings, load_settings

PATIENCE = 120.0

DEMO = """Demo accounts (password Demo-2026!, staff console at {url}/staff):
  cun    village specialist of 370402001013    zhen   town reviewer of 370402001
  xian   county approver of 370402             zhan   station nurse
  hecha  tip investigator of the county        admin  administrator
Residents sign in with any mobile number; the code is at {url}/dev/messages?to=<mobile>"""


def main() -> None:
    settings = load_settings()
    if not _answers(settings):
        raise SystemExit(f"Not ready after {PATIENCE:.0f} s: {settings.host}:{settings.port}/readyz does not say 200")
    url = f"http://{settings.host}:{settings.port}"
    print(f"Ready: {url}", flush=True)
    if settings.profile == "demo":
        print(DEMO.format(url=url), flush=True)


def _answers(settings: Settings) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return True
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    main()
