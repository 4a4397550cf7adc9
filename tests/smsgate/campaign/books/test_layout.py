from smsgate.campaign.books.layout import MOST_FILES, Position, assign_names


def test_folders_are_filled_one_after_another_and_messages_stay_together():
    position, folders = Position(), {}
    for files in [1] * (MOST_FILES - 1) + [3, 1]:
        names, position = assign_names(position, "x", files)
        for name in names:
            folders.setdefault(name[:3], []).append(name)
    assert {folder: len(names) for folder, names in folders.items()} == {"000": 9999, "001": 4}
    assert folders["001"][0] == "001/010000-x.p1-3.txt"
    assert position.files == 10_003
