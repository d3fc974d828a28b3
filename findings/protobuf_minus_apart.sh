#!/usr/bin/env bash
# protobuf 7.36.2: google.protobuf.text_format refuses a minus sign that stands apart from its number,
# `value: - 2.0`, which the Text Format Language Specification has among its examples of what is valid
# (https://protobuf.dev/reference/protobuf/textformat-spec/#parsing), and C++ and Go read. It takes
# numbers that the specification hasn't got instead, those of Python: `value: 1_000`, `value: 0b101`.
#
# Seen: "-2: -2; - 2: refused; 1_000: 1000; 0b101: 5".
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check protobuf==7.36.2
cat > "$folder/try.py" <<'PY'
from google.protobuf import text_format
from google.protobuf.wrappers_pb2 import Int32Value


def read(number):
    try:
        return text_format.Parse(f"value: {number}", Int32Value()).value
    except text_format.ParseError:
        return "refused"


found = "; ".join(f"{number}: {read(number)}" for number in ("-2", "- 2", "1_000", "0b101"))
print(found)
raise SystemExit(found != "-2: -2; - 2: refused; 1_000: 1000; 0b101: 5")
PY
"$folder/venv/bin/python" "$folder/try.py"
