#!/usr/bin/env python3
"""Data definition made up at random, mixed with row changes, for random_ddl_test.sh.

    random_ddl.py SEED SERVER job                           prints [objects] of a job
    random_ddl.py SEED SERVER schema                        prints what is there at first
    random_ddl.py SEED SERVER write SOCKET LOG COUNT        makes COUNT definitions; LOG.pause has it wait
    random_ddl.py SEED SERVER compare SOURCE TARGET LOG     says where the target is not what the maps say

What the target must be is worked out here, by the names of the maps; no code of dtsctl is used.
"""
import json
import os
import random
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from random_ddl_model import World
from random_ddl_statements import Statements

# What the rows and keys that there are may forbid.
EXPECTED = {1022, 1062, 1071, 1091, 1118, 1170, 1176, 1215, 1217, 1235, 1265, 1280, 1292, 1366, 1406, 1435, 1451, 1452, 1503, 1526, 1553, 1701, 1731, 1736,
            1737, 1740, 1822, 1826, 1828, 1829, 1832, 1833, 1834, 1845, 1846, 1901, 3106, 3109, 3730, 3780, 3818, 6125}
# The first failure of any other kind is one of this test.


def run_sql(socket, statements, allowed=(), options=()):
    done = subprocess.run(['mariadb', '--no-defaults', '--socket=' + socket, '--user=root', '--batch', '--raw', '--skip-column-names',
                           '--default-character-set=utf8mb4', *options], input=statements.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        wrong = done.stderr.decode(errors='replace')
        found = re.search(r'ERROR (\d+)', wrong)
        if found and int(found[1]) in allowed:
            return None
        sys.exit('FAILED: %s\n%.2000s' % (wrong[:1000], statements))
    return done.stdout.decode().splitlines()


# --- writing -------------------------------------------------------------------------------------

def wait_while_paused(log):
    if os.path.exists(log + '.pause'):
        open(log + '.paused', 'w').close()
        while os.path.exists(log + '.pause'):
            time.sleep(0.01)
        os.remove(log + '.paused')


def write(world, socket, log, count):
    make, done, rng = Statements(world), 0, world.rng
    written = open(log + '.sql', 'a')

    def run(statements, allowed=(), options=()):
        text = "SET sql_mode = '';\n%s;" % ';\n'.join(statements)
        taken = run_sql(socket, text, allowed, options) is not None
        written.write(text + ('\n' if taken else ' -- refused\n'))
        written.flush()
        return taken

    while done < count:
        wait_while_paused(log)
        action, answer = make.some(), None
        try:
            while True:
                statement = action.send(answer)
                answer = run([statement], EXPECTED)
                done += answer
                if rng.random() < 0.7:
                    run(world.transaction(), {1062, 1054, 1442, 1451, 1452}, ['--force'])
        except StopIteration:
            pass
        if rng.random() < 0.2:
            time.sleep(rng.random() * 0.2)
    with open(log + '.end', 'w') as end:
        json.dump({'stays': world.stays}, end)


# --- comparing -----------------------------------------------------------------------------------

SYSTEM = "('mysql', 'sys', 'information_schema', 'performance_schema', 'dtsctl', 'other')"


class Side:
    """What one server has; on the source, with names as they must be on the target."""

    def __init__(self, socket, world=None):
        self.socket, self.world = socket, world

    def rows(self, statement):
        return [line.split('\t') for line in run_sql(self.socket, "SET time_zone = '+00:00';" + statement)]

    def database(self, name):
        return self.world.database_on_target(name) if self.world else name

    def table(self, database, table):
        return self.world.on_target((database, table)) if self.world else (database, table)

    def column(self, name, column):
        return self.world.rule(name).get('columns', {}).get(column, column) if self.world else column

    def words(self, text):
        """Names in the text of a view, routine, trigger or event."""
        text = text.replace('`', '')
        if self.world:
            for rule in self.world.maps:
                if '.' in rule['source'] and 'target' in rule:
                    text = re.sub(r'\b%s\b' % re.escape(rule['source']), '<' + rule['target'] + '>', text)
            for rule in self.world.maps:
                if '.' not in rule['source']:
                    text = re.sub(r'\b%s\.' % rule['source'], rule['target'] + '.', text)
        return re.sub('[<>](?=[A-Za-z])|(?<=[A-Za-z])>', '', text)

    def definition(self, name, text):
        """SHOW CREATE TABLE by the target's names."""
        text = re.sub(r' AUTO_INCREMENT=\d+', '', text)
        # MySQL says it where it was written, too.
        text = re.sub(r' CHARACTER SET \w+| COLLATE \w+', '', text)
        head, _, rest = text.partition('\n')
        head = re.sub(r'`.*`', '`%s`' % self.table(*name)[1], head)
        lines = []
        for line in rest.split('\n'):
            own, _, reference = line.partition(' REFERENCES ')
            own = re.sub('`([^`]*)`', lambda m: '`%s`' % self.column(name, m[1]), own)
            if reference:
                found = re.match(r'(?:`([^`]*)`\.)?`([^`]*)` \(`([^`]*)`\)(.*)', reference)
                parent = (found[1] or name[0], found[2])
                there = self.table(*parent)
                own += ' REFERENCES `%s`.`%s` (`%s`)%s' % (there[0], there[1], self.column(parent, found[3]), found[4])
            lines.append(own)
        return '\n'.join([head] + lines)

    def tables(self):
        found = {}
        for database, table, kind in self.rows('SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA '
                                               "NOT IN %s AND TABLE_TYPE <> 'VIEW'" % SYSTEM):
            name, whole = (database, table), '`%s`.`%s`' % (database, table)
            text = '\n'.join(run_sql(self.socket, 'SHOW CREATE %s %s' % ('SEQUENCE' if kind == 'SEQUENCE' else 'TABLE', whole)))
            columns = self.rows("SELECT COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '%s' AND TABLE_NAME = '%s' "
                                'ORDER BY ORDINAL_POSITION' % name)
            values = run_sql(self.socket, "SET time_zone = '+00:00'; SELECT %s FROM %s" % (', '.join('HEX(CONCAT(`%s`))' % c for c, _ in columns), whole))
            found['.'.join(self.table(*name))] = (self.definition(name, text.split('\t', 1)[1]), [c for _, c in columns], sorted(values))
        return found

    def objects(self):
        found = {}
        for database, collation in self.rows('SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ' + SYSTEM):
            if self.database(database) != 'lager':
                found['database ' + self.database(database)] = collation
        for database, name, text in self.rows('SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN ' + SYSTEM):
            found['view %s.%s' % (self.database(database), name)] = self.words(text)
        for kind, database, name, text, comment in self.rows('SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION, ROUTINE_COMMENT FROM '
                                                             'information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ' + SYSTEM):
            found['%s %s.%s' % (kind, self.database(database), name)] = self.words(text) + comment
        for database, name, table, timing, text in self.rows(
                "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_TABLE, CONCAT(ACTION_TIMING, EVENT_MANIPULATION), "
                "REPLACE(ACTION_STATEMENT, '\\n', ' ') FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN " + SYSTEM):
            there = self.table(database, table)
            found['trigger %s.%s' % (there[0], name)] = (there, timing)
        for database, name, *rest in self.rows('SELECT EVENT_SCHEMA, EVENT_NAME, INTERVAL_VALUE, INTERVAL_FIELD, STARTS, EVENT_DEFINITION, EVENT_COMMENT FROM '
                                               'information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN ' + SYSTEM):
            found['event %s.%s' % (self.database(database), name)] = rest
        return found


def differences(kind, wanted, found):
    for name in sorted(set(wanted) | set(found)):
        if name not in found:
            yield '%s %s is missing' % (kind, name)
        elif name not in wanted:
            yield '%s %s is too much' % (kind, name)
        elif wanted[name] != found[name]:
            pairs = zip(*[v if isinstance(v, tuple) else (v,) for v in (wanted[name], found[name])])
            yield '%s %s:\n' % (kind, name) + '\n'.join('  source %.1500s\n  target %.1500s' % pair for pair in pairs if pair[0] != pair[1])


def compare(world, source, target, log):
    with open(log + '.end') as end:
        stays = {'.'.join(name) for name in json.load(end)['stays']}
    one, two = Side(source, world), Side(target)
    there = two.tables()
    for name in stays:
        if there.pop(name, None) is None:
            sys.exit('FAILED: %s, which has left, is not there any more' % name)
    wanted = one.tables()
    wrong = list(differences('table', wanted, there)) + list(differences('object', one.objects(), two.objects()))
    if wrong:
        sys.exit('FAILED: seed %s:\n%s' % (sys.argv[1], '\n'.join(wrong[:8])))
    print('%d tables, %d rows' % (len(wanted), sum(len(rows) for *_, rows in wanted.values())))


def job(world):
    print('exclude = ["plain.no_*"]')
    for rule in world.maps:
        print('\n[[objects.map]]')
        for key, value in rule.items():
            if isinstance(value, dict):
                value = '{ %s }' % ', '.join('%s = "%s"' % item for item in value.items())
            else:
                value = '"%s"' % value
            print('%s = %s' % (key, value))
    print('\n[schema]\nevents = true')


def main():
    seed, server, command, *rest = sys.argv[1:]
    world = World(random.Random('%s' % seed), server.startswith('mysql'))
    if command == 'job':
        job(world)
    elif command == 'schema':
        print("SET sql_mode = '';\n%s;" % ';\n'.join(world.setup))
    elif command == 'write':
        write(world, rest[0], rest[1], int(rest[2]))
    else:
        compare(world, *rest)


main()
