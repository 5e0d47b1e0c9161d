#!/usr/bin/env python3
"""Counts, and can be told to begin anew."""
import json, select, sys
count = 0
print(json.dumps({"offer": "reset", "help": "Begins anew at `to`"}), flush=True)
while True:
    if select.select([sys.stdin], [], [], 2)[0]:
        asked = json.loads(sys.stdin.readline() or sys.exit())
        count = asked["params"].get("to", 0)
        print(json.dumps({"answer": asked["call"], "result": {"count": count}}), flush=True)
    count += 1
    print(json.dumps({"series": "counts", "values": {"n": count}}), flush=True)
