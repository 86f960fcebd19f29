"""How a test enters a running course without a browser."""

import http.client
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from torchcamp.course.server.launch import Server


@dataclass(frozen=True)
class Entered:
    """What a browser has once it is in: the home page's address, and the whole cookie."""

    home: str
    whole_cookie: str

    @property
    def cookie(self) -> str:
        """As `NAME=VALUE`."""
        return self.whole_cookie.partition(";")[0]


def enter(entry: str) -> Entered:
    """Go in by `entry`, an address that is good once."""
    address = urlsplit(entry)
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=20)
    try:
        connection.request(
            "GET", f"{address.path}?{address.query}", headers={"Host": address.netloc}
        )
        answer = connection.getresponse()
        assert answer.status == 303, answer.read()
        return Entered(urljoin(entry, answer.headers["location"]), answer.headers["set-cookie"])
    finally:
        connection.close()


def entered(server: Server, *, whole: bool = False) -> str:
    """The cookie that a browser gets, as `NAME=VALUE`; with `whole`, its attributes too."""
    found = enter(server.new_address())
    return found.whole_cookie if whole else found.cookie
