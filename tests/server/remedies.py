#!/usr/bin/env python3
"""Does what precheck says: takes the remedies of its findings apart, as somebody who pastes them.

    remedies.py FINDINGS JOB FOLDER [CHECK] [WAY]

FINDINGS is the output of precheck --json. Of each finding that is not passed (of one check, if CHECK
names it) the first way that can be pasted is taken, or the one with number WAY. Statements go to
FOLDER/source.sql and FOLDER/target.sql, lines of a server's configuration to FOLDER/source.cnf and
FOLDER/target.cnf, changes of the job file are made in JOB. What of the findings can't be pasted is
printed, one check a line; a remedy that names another check's is none of them.
"""

import json
import re
import sys
import tomllib

PLACE = re.compile(r"\b(?:on the (source|target):|in the configuration of the (source|target), and restart it:"
                   r"|in the (job file):)[ ]?(.*)$")

OTHER = re.compile(r"^do what ([\w-]+) says")


def ways(remedy):
    """The alternatives of a remedy, each a list of (place, line)."""
    found, place = [[]], None
    for line in remedy.split("\n"):
        if line.startswith("("):
            continue
        if line.startswith("or "):
            found.append([])
            place = None
        match = PLACE.search(line)
        if match:
            place = (match[1] and match[1] + ".sql") or (match[2] and match[2] + ".cnf") or "job"
            line = match[4]
        if place and line:
            found[-1].append((place, line))
    return [way for way in found if way]


def literal(value):
    return json.dumps(value) if not isinstance(value, list) else "[" + ", ".join(map(literal, value)) + "]"


class JobFile:
    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as file:
            self.text = file.read()

    def set(self, key, value):
        section, name = key.rsplit(".", 1)
        line = f"{name} = {value}"
        old = re.compile(rf"(^\[{re.escape(section)}\]\n(?:(?!\[).*\n)*?){name} = .*\n", re.M)
        if old.search(self.text):
            self.text = old.sub(lambda m: m[1] + line + "\n", self.text)
        elif f"[{section}]\n" in self.text:
            self.text = self.text.replace(f"[{section}]\n", f"[{section}]\n{line}\n")
        else:
            self.text += f"\n[{section}]\n{line}\n"

    def change(self, what):
        job = tomllib.loads(self.text)
        if match := re.fullmatch(r'(add|remove) (".*") (?:to|from) ([\w.]+)', what):
            section, name = match[3].rsplit(".", 1)
            values, one = job.get(section, {}).get(name, []), json.loads(match[2])
            values = [v for v in values if v != one] + ([one] if match[1] == "add" else [])
            self.set(match[3], literal(values))
        elif match := re.fullmatch(r"([\w.]+) = (.+)", what):
            self.set(match[1], match[2])
        else:
            sys.exit(f"not a change of a job file: {what}")
        tomllib.loads(self.text)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.text)


def main(findings, job, folder, check=None, way="1"):
    texts = {place: [] for place in ("source.sql", "target.sql", "source.cnf", "target.cnf", "job")}
    with open(findings, encoding="utf-8") as file:
        bad = [finding for finding in json.load(file)["findings"] if finding["level"] != "pass"]
    for finding in bad:
        if check not in (None, finding["check"]):
            continue
        other = OTHER.search(finding["remedy"])
        if other and any(one["check"] == other[1] and ways(one["remedy"]) for one in bad):
            continue
        pasted = ways(finding["remedy"])
        if len(pasted) < int(way):
            print(finding["check"])
            continue
        for place, line in pasted[int(way) - 1]:
            if line not in texts[place]:
                texts[place].append(line)
    for change in texts.pop("job"):
        JobFile(job).change(change)
    for name, lines in texts.items():
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)


main(*sys.argv[1:])
