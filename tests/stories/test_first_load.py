"""What a phone fetches to see its first page, and what it fetches again."""

import pytest

UNIT = "510113001001001001"
MOST_KB = 150


@pytest.fixture
def fetched(readers):
    """Open a page in a window that has seen nothing yet; return address → bytes over the network."""

    def fetch(path: str) -> dict[str, int]:
        page = readers.page(width=360)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        addresses: dict[str, str] = {}
        sizes: dict[str, int] = {}
        network.on(
            "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
        )
        network.on(
            "Network.loadingFinished", lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])})
        )
        page.goto(path, wait_until="networkidle")
        return {addresses[number]: size for number, size in sizes.items() if number in addresses}

    return fetch


@pytest.mark.parametrize("path", ["/", "/report/", f"/u/{UNIT}/", "/a/510113001001/", "/accounts/login/"])
def test_the_first_page_comes_in_few_bytes_and_from_nowhere_else(fetched, served, path):
    got = fetched(path)
    assert got and all(address.startswith((served.url, "data:", "blob:")) for address in got)
    without_map = {address: size for address, size in got.items() if "/maplibre-gl@" not in address}
    assert sum(without_map.values()) <= MOST_KB * 1000, without_map
    assert any("bootstrap" in address for address in got)


def test_files_whose_name_tells_their_version_are_fetched_once(readers):
    page = readers.page()
    answer = page.request.get("/static/vendor/bootstrap@5.3.9/bootstrap.min.css")
    assert "immutable" in answer.headers["cache-control"] and answer.headers["content-encoding"] == "gzip"
