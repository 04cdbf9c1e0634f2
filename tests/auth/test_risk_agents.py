"""Who is a program, where a browser is expected; and that no browser is taken for one."""

import pytest

from app.auth.risk import is_program

PROGRAMS = [
    "curl/8.14.1",
    "Wget/1.25.0",
    "python-requests/2.32.5",
    "python-httpx/0.28.1",
    "Python-urllib/3.13",
    "Python/3.13 aiohttp/3.12",
    "Go-http-client/2.0",
    "okhttp/5.1.0",
    "Java/21.0.2",
    "Apache-HttpClient/5.5 (Java/21)",
    "axios/1.11.0",
    "node",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "undici",
    "libwww-perl/6.79",
    "PostmanRuntime/7.46",
    "HTTPie/3.2.4",
    "Ruby/3.4",
    "Scrapy/2.13 (+https://scrapy.org)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0)",
    "SomeCrawler/1.0",
    "evil bot",
]
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
BROWSERS = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36 Edg/142.0.0.0",
    f"Mozilla/5.0 (Linux; Android 10; CUBOT_X30) {_CHROME} Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) {_CHROME} Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; U; Android 14; Nodeware X1) {_CHROME} Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/620.1 (KHTML, like Gecko) JavaFX/24 Safari/620.1",
    "Opera/9.80 (Windows NT 6.1) Presto/2.12 Version/12.18",
]


@pytest.mark.parametrize("agent", PROGRAMS)
def test_a_program_is_one_where_a_browser_is_expected_and_nowhere_else(agent):
    assert is_program(agent, browser=True)
    assert is_program(agent.upper(), browser=True)
    assert not is_program(agent, browser=False)


@pytest.mark.parametrize("agent", BROWSERS)
def test_a_browser_is_none(agent):
    assert not is_program(agent, browser=True)
    assert not is_program(agent, browser=False)


@pytest.mark.parametrize("agent", ["", " ", "\t"])
@pytest.mark.parametrize("browser", [True, False])
def test_whoever_does_not_say_is_suspect_anywhere(agent, browser):
    assert is_program(agent, browser=browser)
