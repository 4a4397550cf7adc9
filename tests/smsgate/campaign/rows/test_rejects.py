from smsgate.campaign.rows.rejects import Reject, csv_lines
from smsgate.campaign.tables.model import RejectCode


def test_rejects_are_csv_whatever_their_cells_contain():
    rejects = [Reject(2, "a,b", RejectCode.CELLS, 'say "x"', ("1", "\ud800\n", "more"))]
    assert b"".join(csv_lines(("n", "a"), rejects)) == (
        b"rejected_row,rejected_column,rejected_code,rejected_reason,n,a\n"
        b'2,"a,b",cells,"say ""x""",1,"\\ud800\n",more\n'
    )
