import pytest

from smsgate.campaign.tables.kinds import open_table


@pytest.fixture
def table(tmp_path):
    """Opens a table with these octets in a file of that name."""

    def make(octets, name="t.csv", **options):
        path = tmp_path / name
        path.write_bytes(octets)
        return open_table(str(path), **options)

    return make
