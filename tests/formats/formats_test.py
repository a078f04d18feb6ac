#!/usr/bin/env python3
"""Opens every data folder that earlier builds saved under tests/formats and reads everything back.

Usage: formats_test.py ATTUNE_BINARY

scripts/make_format_folder makes such a folder.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import data_folder

HERE = pathlib.Path(__file__).resolve().parent


def main():
    binary = sys.argv[1]
    folders = sorted(path.parent for path in HERE.glob("*/expected.json"))
    assert folders, "there is no saved folder"
    for folder in folders:
        expected = json.loads((folder / "expected.json").read_text())
        with tempfile.TemporaryDirectory(prefix="attune-format-") as temporary:
            data = pathlib.Path(temporary) / "data"
            shutil.copytree(folder / "data", data)
            for opening in ("first", "second"):  # The second one reads what this build wrote.
                with data_folder.Server(binary, data) as server:
                    found = data_folder.read_back(server)
                    answer = server.must("POST", "/v1/events", {"type": "page_viewed", "anonymous_id": opening})
                    assert answer["accepted"] == 1, answer
                for part, value in expected.items():
                    assert found[part] == value, (f"{folder.name}, {opening} opening, {part}: expected\n"
                                                  f"{data_folder.pretty(value)}\nfound\n"
                                                  f"{data_folder.pretty(found[part])}")
        print(f"{folder.name}: read back")


if __name__ == "__main__":
    main()
