#!/usr/bin/env python3
"""Tables made up by a seed, and sessions that write to them as they please, for random_workload_test.sh.

    random_workload.py SEED SERVER schema            prints the tables and their first rows
    random_workload.py SEED SERVER write SOCKET LOG ROUND  writes until the file LOG.stop is there

SERVER is mariadb-VERSION or mysql-VERSION. Whoever writes uses LOG.xa to know that XA transactions
may be used, survives restarts of the source, and tells in the end what he has done.
"""
import collections
import os
import random
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
from random_tables import DOMAIN, decimal_key, hexed, int_key, make_tables

DATABASE = 'chaos'
WRITERS = 3

# What writers do to each other, and what restarts and interrupted waits do to them.
EXPECTED = {
    1020: 'changed meanwhile', 1053: 'shutdown', 1054: 'column', 1060: 'column is there', 1061: 'index is there',
    1062: 'duplicate', 1091: 'nothing to drop', 1146: 'table', 1050: 'table is there', 1051: 'no table', 1205: 'lock wait',
    1213: 'deadlock', 1264: 'range', 1265: 'truncated', 1292: 'date', 1305: 'savepoint', 1366: 'value',
    1397: 'no such XA', 1399: 'XA state', 1400: 'XA outside', 1402: 'XA rolled back', 1406: 'too long', 1440: 'XA is there',
    1451: 'parent', 1452: 'child', 1467: 'AUTO_INCREMENT', 1568: 'in a transaction', 1614: 'XA deadlock',
    1690: 'out of range', 1927: 'killed', 2002: 'down', 2006: 'gone', 2013: 'lost', 2026: 'down', 1317: 'interrupted',
    3572: 'nowait', 1613: 'XA timeout', 1401: 'XA error', 1412: 'table changed', 3170: 'memory', 1152: 'aborted', 1160: 'write',
    1158: 'read', 4031: 'idle', 1196: 'not undone'}


# --- statements ----------------------------------------------------------------------------------

class Statements:
    def __init__(self, rng, tables):
        self.rng, self.tables = rng, tables

    def some_columns(self, table):
        """All, or some are left to their defaults."""
        leave = self.rng.random() < 0.2
        needed = ('u3', 'n', 'k', 'root', 'line')
        return [c for c in table.columns
                if not (leave and (c.nullable or not c.keyed) and self.rng.random() < 0.5 and c.name not in needed)
                and not (c.declared.endswith('AUTO_INCREMENT') and self.rng.random() < 0.25)
                and not (c.name == 'changed' and self.rng.random() < 0.8)]

    def insert(self, table, verb='INSERT', most=12):
        columns = self.some_columns(table)
        many = 1 if self.rng.random() < 0.5 else self.rng.randint(2, most)
        rows = ', '.join('(%s)' % ', '.join(c.literal(self.rng) for c in columns) for _ in range(many))
        return '%s INTO %s (%s) VALUES %s' % (verb, table.name, ', '.join(c.name for c in columns), rows)

    def upsert(self, table):
        sets = self.assignments(table)
        return self.insert(table, most=5) + ' ON DUPLICATE KEY UPDATE ' + sets

    def assignments(self, table, keys=True):
        rng = self.rng
        able = [c for c in table.columns if keys or not c.keyed]
        plain = [c for c in able if not c.keyed] or able
        chosen = rng.sample(able if rng.random() < 0.25 else plain, 1)
        chosen += [c for c in plain if c not in chosen and rng.random() < 0.3]
        parts = []
        for c in chosen:
            if rng.random() < 0.1:
                parts.append('%s = %s' % (c.name, c.name))
            else:
                parts.append('%s = %s' % (c.name, c.literal(rng)))
        return ', '.join(parts)

    def where(self, table, single=0.5):
        rng = self.rng
        if not table.key:
            c = table.columns[0]
            return rng.choice(['%s IS NULL LIMIT 2' % c.name, '%s >= %s LIMIT %d' % (c.name, c.literal(rng, rng.randrange(DOMAIN)), rng.randint(1, 9)),
                               '%s = %s' % (c.name, c.value(rng, rng.randrange(DOMAIN))), '1 LIMIT %d' % rng.randint(1, 15)])
        first = table.named(table.key[0])
        if rng.random() < single:
            return ' AND '.join('%s = %s' % (k, table.named(k).literal(rng)) for k in table.key)
        if rng.random() < 0.5:
            return '%s IN (%s)' % (first.name, ', '.join(first.literal(rng) for _ in range(rng.randint(2, 12))))
        return '%s >= %s ORDER BY %s %s LIMIT %d' % (first.name, first.literal(rng), ', '.join(table.key),
                                                    rng.choice(['', 'DESC']), rng.randint(2, 25))

    def update(self, table):
        several = self.rng.random() < 0.4
        return 'UPDATE %s SET %s WHERE %s' % (table.name, self.assignments(table, not several), self.where(table, 0 if several else 1))

    def shift(self, table):
        """Each row takes the key of its neighbour."""
        c = table.named(table.key[0]) if table.key else table.columns[0]
        low = self.rng.randrange(DOMAIN)
        if c.value not in (int_key, decimal_key):
            return self.update(table)
        down = self.rng.random() < 0.5
        step = '1' if c.value is int_key else '0.125'
        return 'UPDATE %s SET %s = %s %s %s WHERE %s BETWEEN %s AND %s ORDER BY %s%s' % (
            table.name, c.name, c.name, '-' if down else '+', step, c.name, c.value(self.rng, low),
            c.value(self.rng, low + self.rng.randint(1, 60)), c.name, '' if down else ' DESC')

    def delete(self, table):
        if table.auto and self.rng.random() < 0.3:
            return 'DELETE FROM %s WHERE id > %d LIMIT 30' % (table.name, DOMAIN)
        return 'DELETE FROM %s WHERE %s' % (table.name, self.where(table, 0.6))

    def swap(self, table):
        """Two rows change their values of a unique key; a third value helps."""
        rng = self.rng
        if not table.uniques and not table.key:
            return self.again(table)
        name = rng.choice(table.uniques or table.key)
        c = table.named(name)
        a, b = (c.value(rng, n) for n in rng.sample(range(DOMAIN), 2))
        away = {'u3': "'zzz'", 'u': 'NULL', 'u1': 'NULL', 'u2': 'NULL', 'token': 'NULL'}.get(name) or c.value(rng, DOMAIN + 5)
        if away == 'NULL' and rng.random() < 0.5:
            return ['UPDATE %s SET %s = NULL WHERE %s = %s' % (table.name, name, name, a),
                    'UPDATE %s SET %s = %s WHERE %s = %s' % (table.name, name, a, name, b)]
        key = table.named(table.key[0]) if table.key else None
        if away == 'NULL' and key and name not in table.key:
            one, two = (key.value(rng, n) for n in rng.sample(range(DOMAIN), 2))
            return ['UPDATE %s SET %s = NULL WHERE %s IN (%s, %s)' % (table.name, name, key.name, one, two),
                    'UPDATE %s SET %s = %s WHERE %s = %s LIMIT 1' % (table.name, name, b, key.name, one),
                    'UPDATE %s SET %s = %s WHERE %s = %s LIMIT 1' % (table.name, name, a, key.name, two)]
        return ['UPDATE %s SET %s = %s WHERE %s = %s' % (table.name, name, to, name, at)
                for at, to in ((a, away), (b, a), (away, b))]

    def again(self, table):
        """A row goes and comes back, with other values."""
        if not table.key:
            return [self.delete(table), self.insert(table)]
        n = self.rng.randrange(DOMAIN)
        where = ' AND '.join('%s = %s' % (k, table.named(k).literal(self.rng, n)) for k in table.key)
        columns = table.columns
        values = ', '.join(c.literal(self.rng, n if c.name in table.key else None) for c in columns)
        return ['DELETE FROM %s WHERE %s' % (table.name, where),
                'INSERT INTO %s (%s) VALUES (%s)' % (table.name, ', '.join(c.name for c in columns), values)]

    def some(self):
        """One thing to do: a list of statements that belong together."""
        rng, table = self.rng, self.rng.choice(self.tables)
        what = rng.random()
        if what < 0.25:
            return [self.insert(table, rng.choice(['INSERT', 'INSERT IGNORE']))]
        if what < 0.55:
            return [self.update(table)]
        if what < 0.70:
            return [self.delete(table)]
        if what < 0.78:
            return [self.upsert(table)]
        if what < 0.84:
            return [self.insert(table, 'REPLACE', 4)]
        if what < 0.89:
            return self.swap(table)
        if what < 0.94:
            return self.again(table)
        return [self.shift(table)]

    def body(self, count, savepoints=True):
        statements, open_ = [], []
        while len(statements) < count:
            statements += self.some()
            what = self.rng.random()
            if savepoints and what < 0.05:
                open_.append('s%d' % self.rng.randrange(3))
                statements.append('SAVEPOINT ' + open_[-1])
            elif open_ and what < 0.12:
                statements.append('ROLLBACK TO SAVEPOINT ' + open_[-1])
            elif open_ and what < 0.14:
                statements.append('RELEASE SAVEPOINT ' + open_.pop())
        return statements

    def many(self):
        """More than the 4 MiB that dtsctl takes at a time."""
        rng, statements = self.rng, []
        for _ in range(rng.randint(4, 7)):
            rows = ', '.join("(%s, REPEAT(%s, %d))" % (
                'NULL' if rng.random() < 0.5 else rng.randrange(DOMAIN), hexed(rng.randbytes(16)),
                rng.randrange(4000, 12000)) for _ in range(9))
            into = rng.choice(['REPLACE INTO large (id, body)', 'INSERT INTO heap (a, body)'])
            statements += ['%s VALUES %s' % (into, rows)] + self.some()
        return statements + ['DELETE FROM large WHERE LENGTH(body) > 100 ORDER BY id LIMIT 25',
                             'DELETE FROM heap WHERE LENGTH(body) > 100 LIMIT 25']

    def define(self):
        rng = self.rng
        table = rng.choice(self.tables)
        number = rng.randrange(3)
        after = rng.choice(['', ' FIRST', ' AFTER ' + table.columns[-1].name])
        what = rng.randrange(7)
        if what == 0:
            kind = rng.choice(['INT', "VARCHAR(20) NOT NULL DEFAULT 'new'", 'DECIMAL(9,2) DEFAULT 1.25'])
            return ['ALTER TABLE %s ADD COLUMN x%d %s%s' % (table.name, number, kind, after)]
        if what == 1:
            return ['ALTER TABLE %s DROP COLUMN x%d' % (table.name, number)]
        if what == 2:
            plain = [c.name for c in table.columns if c.declared.split()[0] not in ('TEXT', 'BLOB', 'JSON', 'MEDIUMBLOB')]
            return ['ALTER TABLE %s ADD INDEX ix%d (%s)' % (table.name, number, rng.choice(plain))]
        if what == 3:
            return ['ALTER TABLE %s DROP INDEX ix%d' % (table.name, number)]
        if what == 4 and not table.parent:
            return ['TRUNCATE TABLE ' + table.name]
        if what == 5:
            return ['CREATE TABLE new%d (id INT PRIMARY KEY, v VARCHAR(20) UNIQUE)' % number,
                    "INSERT INTO new%d VALUES (1, 'a'), (2, 'b'), (3, NULL)" % number,
                    'UPDATE new%d SET id = id + 1 ORDER BY id DESC' % number]
        if what == 6:
            return ['DROP TABLE new%d' % number]
        return ['UPDATE %s SET x%d = 7 WHERE %s' % (table.name, number, self.where(table))]


# --- writers -------------------------------------------------------------------------------------

class Writer(threading.Thread):
    """A session that is opened again whenever it is lost."""

    def __init__(self, who, seed, tables, socket, log):
        super().__init__()
        self.name, self.rng, self.socket, self.log = 'w%d' % who, random.Random('%s/%d' % (seed, who)), socket, log
        self.statements = Statements(self.rng, tables)
        self.client, self.number, self.sessions, self.heard = None, 0, 0, 0
        self.done = collections.Counter()

    def stopped(self):
        return os.path.exists(self.log + '.stop')

    def command(self, *more):
        return ['mariadb', '--no-defaults', '--socket=' + self.socket, '--user=root', '--batch', '--skip-column-names',
                '--default-character-set=utf8mb4', '--skip-reconnect', '--force'] + list(more)

    def connect(self):
        while subprocess.run(self.command('-e', 'SELECT 1'), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            time.sleep(0.05)
        decide_xa(self.command(), self.rng, self.name)
        self.sessions += 1
        with open(self.log + '.' + self.name + '.err', 'ab') as errors:
            self.client = subprocess.Popen(self.command(DATABASE), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors)
        mode = self.rng.choice(['STRICT_TRANS_TABLES', '', 'NO_AUTO_VALUE_ON_ZERO,STRICT_TRANS_TABLES'])
        self.send(["SET SESSION sql_mode = '%s', innodb_lock_wait_timeout = 1, lock_wait_timeout = 2" % mode,
                   'SET SESSION TRANSACTION ISOLATION LEVEL ' + self.rng.choice(['READ COMMITTED', 'REPEATABLE READ'])])

    def lost(self):
        """The client goes on after any error; whether its session is gone, only its errors tell."""
        with open(self.log + '.' + self.name + '.err', 'rb') as errors:
            errors.seek(self.heard)
            said = errors.read()
            self.heard += len(said)
        return re.search(rb'^ERROR (2006|2013|2026|1927) ', said, re.M)

    def send(self, statements):
        self.client.stdin.write((';\n'.join(statements) + ';\n').encode())
        self.client.stdin.flush()

    def two_phase(self):
        self.number += 1
        xid = "'%s-%d-%d'" % (self.name, self.sessions, self.number)
        self.send(['XA START ' + xid] + self.statements.body(self.rng.randint(1, 15), savepoints=False) +
                  ['XA END ' + xid, 'XA PREPARE ' + xid])
        time.sleep(self.rng.random() * 0.2)
        # What is not prepared, because a statement was chosen as victim, can only be rolled back.
        self.send([self.rng.choice(['XA COMMIT ', 'XA COMMIT ', 'XA ROLLBACK ']) + xid, 'XA ROLLBACK ' + xid])

    def work(self):
        rng, make, what = self.rng, self.statements, self.rng.random()
        begin, end = ['START TRANSACTION'], [rng.choice(['COMMIT'] * 9 + ['ROLLBACK'])]
        if what < 0.15:
            kind, statements = 'single', make.some()
        elif what < 0.60:
            kind, statements = 'small', begin + make.body(rng.randint(1, 6)) + end
        elif what < 0.90:
            kind, statements = 'medium', begin + make.body(rng.randint(6, 40)) + end
        elif what < 0.94:
            kind, statements = 'long', begin + make.body(rng.randint(40, 200)) + end
        elif what < 0.945:
            kind, statements = 'large', begin + make.many() + end
        elif what < 0.965:
            kind, statements = 'ddl', make.define()
        elif os.path.exists(self.log + '.xa'):
            self.done['xa'] += 1
            return self.two_phase()
        else:
            return
        self.done[kind] += 1
        self.send(statements)

    def run(self):
        pace, until = 1000, 0
        while not self.stopped():
            try:
                if self.client is not None and self.lost():
                    self.client.kill()
                    self.close()
                if self.client is None:
                    self.connect()
                self.work()
                if time.monotonic() > until:  # now and then a burst, or some peace
                    pace, until = self.rng.choice([5, 40, 100, 400]), time.monotonic() + self.rng.random() * 2
                time.sleep(self.rng.expovariate(pace))
            except BrokenPipeError:
                self.close()
        self.close()

    def close(self):
        if self.client is None:
            return
        try:
            self.client.stdin.close()
        except BrokenPipeError:
            pass
        self.client.wait()
        self.client = None


def decide_xa(command, rng, prefix):
    """Those that a lost session has left prepared."""
    listed = subprocess.run(command + ['-e', 'XA RECOVER'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    for line in listed.splitlines():
        xid = line.split('\t')[3]
        if xid.startswith(prefix):
            subprocess.run(command + ['-e', "XA %s '%s'" % (rng.choice(['COMMIT', 'ROLLBACK']), xid)],
                           stderr=subprocess.DEVNULL)


def unexpected_errors(log):
    for who in range(WRITERS):
        with open('%s.w%d.err' % (log, who), errors='replace') as errors:
            for line in errors:
                found = re.match(r'ERROR (\d+)', line)
                if found and int(found[1]) not in EXPECTED:
                    yield line.strip()


def give_up(what):
    sys.__excepthook__(what.exc_type, what.exc_value, what.exc_traceback)
    sys.stderr.flush()
    os._exit(1)


def write(seed, tables, socket, log):
    threading.excepthook = give_up
    writers = [Writer(who, seed, tables, socket, log) for who in range(WRITERS)]
    for writer in writers:
        writer.start()
    done = collections.Counter()
    for writer in writers:
        writer.join()
        done += writer.done
    decide_xa(writers[0].command(), random.Random(seed), 'w')
    wrong = list(unexpected_errors(log))
    if wrong:
        print('FAILED: errors that no writer should meet:\n' + '\n'.join(wrong[:5]), file=sys.stderr)
        sys.exit(1)
    print('written: %s; %d sessions' % (', '.join('%d %s' % (n, kind) for kind, n in sorted(done.items())),
                                        sum(w.sessions for w in writers)))


def main():
    seed, server, command = sys.argv[1:4]
    rng = random.Random(seed)
    tables = make_tables(rng, server.startswith('mysql'))
    if command == 'schema':
        make = Statements(rng, tables)
        print('CREATE DATABASE %s CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE %s;' % (DATABASE, DATABASE))
        for table in tables:
            print(table.create())
        print("SET sql_mode = '';")
        for table in tables:
            for _ in range(20):
                print(make.insert(table, 'INSERT IGNORE', 20) + ';')
    else:
        socket, log, turn = sys.argv[4:7]
        write(seed + '/' + turn, tables, socket, log)


main()
