#!/usr/bin/env python3
"""Worlds of databases, tables and rules made up at random, the whole life of a job in each, and what
the rules say is on the target, worked out here by the manual: no code of dtsctl is used.

    mapping_random.py SEED WORLDS SOURCE_SOCKET TARGET_SOCKET LOWER_CASE JOB_HEAD DTSCTL

LOWER_CASE is the target's lower_case_table_names, JOB_HEAD a job file up to its [objects].
"""
import collections
import json
import os
import random
import re
import subprocess
import sys
import threading

SEED, WORLDS = int(sys.argv[1]), int(sys.argv[2])
SOCKET = {'source': sys.argv[3], 'target': sys.argv[4]}
LOWER_CASE, HEAD, DTSCTL = int(sys.argv[5]), sys.argv[6], sys.argv[7]
JOB = os.path.join(os.path.dirname(HEAD), 'random.toml')

DATABASES = ['shop', 'Crm', 'sh op', 'd-é', 'x`y', 'select', 'D' * 64, 'snow☃', 'under_score', '1st']
TABLES = ['orders', 'Lines', 'o`dd %é', 'a.b', 'from', 'x' * 64, 'Täble', 'with space', '2nd', 'e1',
          "quo'te", 'dash-ed', 'big_TABLE', 'back\\slash', 'dots..x', 'Ünder_x', '"double"', 'set', 'n1', 'N2']
COLUMNS = ['cust', 'Région', 'order', 'a`b', 'c d', 'name', 'Comment', 'x.y', 'v' * 64, 'say"so', 'key', 'Ä']


def die(what):
    print('FAILED: ' + what, file=sys.stderr)
    sys.exit(1)


def quoted(name):
    return '`' + name.replace('`', '``') + '`'


def literal(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "''") + "'"


def run_sql(side, statements, schema=None):
    done = subprocess.run(
        ['mariadb', '--no-defaults', '--socket=' + SOCKET[side], '--user=root', '--batch', '--raw',
         '--skip-column-names', '--default-character-set=utf8mb4'] + ([schema] if schema else []),
        input=statements.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        die('%s: %s\n%s' % (side, done.stderr.decode(), statements))
    return done.stdout.decode().splitlines()


class Table:
    """A table of the source. `columns` are (name, type) in their order; the first three are in all."""

    def __init__(self, name, columns, keyed):
        self.name, self.columns, self.keyed = name, columns, keyed


class World:
    def __init__(self, rng):
        self.rng = rng
        self.rules, self.exclude, self.tables, self.ddl_done = [], [], {}, False
        self.log = []
        names = rng.sample(DATABASES, 3)
        self.databases = names + ['shard_1', 'shard_2', 'late0']
        # What every table has: a number that names a row, one that may be NULL, and a text.
        self.standard = rng.sample(COLUMNS, 3)
        cases = ['default', 'source', 'lower'] + ([] if LOWER_CASE else ['upper'])
        self.name_case = rng.choice(cases)
        self.free = {d: rng.sample(TABLES, len(TABLES)) for d in self.databases}
        for database in names:
            for _ in range(rng.randint(2, 4)):
                self.add_table(database)
        self.add_table('late0')
        shape = self.new_columns()
        for database in ('shard_1', 'shard_2'):
            self.tables[(database, 'events')] = Table((database, 'events'), list(shape), True)
        self.make_rules(names)

    # --- what the manual says --------------------------------------------------------------------

    def selected(self, name):
        return name not in self.exclude

    def rule(self, name):
        for rule in self.rules:
            whole = '.'.join(name)
            source = rule['source']
            if source[0] == '~':
                if re.search(source[1:], whole):
                    return rule
            elif source == (whole if '.' in source else name[0]):
                return rule
        return {}

    def cased(self, name):
        if LOWER_CASE or self.name_case == 'lower':
            return name.lower()
        return name.upper() if self.name_case == 'upper' else name

    def given(self, name):
        return name.lower() if LOWER_CASE else name

    def database_on_target(self, database):
        for rule in self.rules:
            if rule['source'] == database and 'target' in rule:
                return self.given(rule['target'])
        return self.cased(database)

    def on_target(self, name):
        rule = self.rule(name)
        if 'target' not in rule:
            return (self.database_on_target(name[0]), self.cased(name[1]))
        target = rule['target']
        if rule['source'][0] == '~':
            found = re.search(rule['source'][1:], '.'.join(name))
            target = re.sub(r'\{(\d)\}', lambda m: '.'.join(name) if m[1] == '0' else found[int(m[1])],
                            target)
        if '.' not in target:
            return (self.given(target), self.cased(name[1]))
        database, _, table = target.partition('.')
        return (self.given(database), self.given(table))

    def column_on_target(self, name, column):
        """None: it is left out."""
        rule = self.rule(name)
        if column in rule.get('exclude_columns', []):
            return None
        if column in rule.get('columns', {}):
            return rule['columns'][column]
        return {'lower': column.lower(), 'upper': column.upper()}.get(self.name_case, column)

    # --- making it up ----------------------------------------------------------------------------

    def new_columns(self):
        extra = [c for c in COLUMNS if c not in self.standard]
        types = ['INT', 'VARCHAR(30)', 'DECIMAL(9,3)', "ENUM('x','Y','')", 'DATETIME(3)', 'DOUBLE', 'BLOB']
        columns = list(zip(self.standard, ['INT', 'INT', 'VARCHAR(20)']))
        for column in self.rng.sample(extra, self.rng.randint(1, 3)):
            columns.append((column, self.rng.choice(types)))
        if self.rng.random() < 0.3:
            columns.append(('twice', 'BIGINT AS (%s * 2) VIRTUAL' % quoted(self.standard[1])))
        return columns

    def add_table(self, database):
        name = (database, self.free[database].pop())
        self.tables[name] = Table(name, self.new_columns(), self.rng.random() < 0.8)
        return self.tables[name]

    def create(self, table, by_name=None):
        key = quoted(self.standard[0])
        parts = []
        for column, kind in table.columns:
            collation = ' COLLATE utf8mb4_general_ci' if kind.startswith('VARCHAR') else ''
            parts.append('%s %s%s' % (quoted(column), kind, collation))
        if table.keyed:
            parts.append('PRIMARY KEY (%s)' % key)
            last, kind = table.columns[3]
            prefix = '(5)' if kind == 'BLOB' else ''
            parts.append('%s %s (%s%s, %s)' % (self.rng.choice(['KEY', 'UNIQUE KEY']), quoted(last),
                                              quoted(last), prefix, key))
        if self.rng.random() < 0.3:
            parts.append('CHECK (%s < 1000000)' % quoted(self.standard[1]))
        return 'CREATE TABLE %s (%s)' % (by_name or dotted(table.name), ', '.join(parts))

    def where(self):
        number, nullable, text = map(quoted, self.standard)
        return self.rng.choice([
            '%s %% 3 = 1' % number,
            '%s IS NULL OR %s > 50' % (nullable, nullable),
            "%s IN ('aa', 'Bé', 'c')" % text,
            "%s LIKE 'b%%' AND NOT (%s <=> 7)" % (text, nullable),
            "(%s BETWEEN 20 AND 70) XOR (%s = 'aa')" % (number, text),
        ])

    def columns_rule(self, columns):
        names = [c for c, _ in columns]
        some = self.rng.sample(names, self.rng.randint(1, 2))
        if len(some) == 2 and self.rng.random() < 0.4:
            return {some[0]: some[1], some[1]: some[0]}
        return {c: 'to %d ` ß' % i for i, c in enumerate(some)}

    def make_rules(self, names):
        rng = self.rng
        self.rules.append({'source': '~^shard_[0-9]\\.(.*)$', 'target': 'all of it.{1}'})
        if rng.random() < 0.5:
            self.rules[0]['where'] = self.where()
        tables = [n for n in self.tables if n[0] in names]
        for i, name in enumerate(rng.sample(tables, min(4, len(tables)))):
            table, rule = self.tables[name], {'source': '.'.join(name)}
            if rng.random() < 0.6:
                rule['target'] = rng.choice(['dr', 'Dr 2', 'all of it', 'é`x']) + '.' + \
                    rng.choice(['Given %d', 'gi`ven.%d', 'ß%d']) % i
            if rng.random() < 0.5:
                rule['columns'] = self.columns_rule(table.columns)
            spare = [c for c, kind in table.columns[3:] if c not in rule.get('columns', {})]
            if spare and rng.random() < 0.5:
                rule['exclude_columns'] = [rng.choice(spare)]
            if rng.random() < 0.6:
                rule['where'] = self.where()
            if len(rule) > 1:
                self.rules.append(rule)
        if rng.random() < 0.4:
            left = [n for n in tables if '.'.join(n) not in [r['source'] for r in self.rules]]
            if left:
                self.exclude.append(rng.choice(left))
        choice = rng.choice(['none', 'database', 'swap', 'regex', 'where'])
        if choice == 'database':
            self.rules.append({'source': names[0], 'target': 'other`db'})
        elif choice == 'swap':
            self.rules += [{'source': names[0], 'target': names[1]}, {'source': names[1], 'target': names[0]}]
        elif choice == 'regex':
            self.rules.append({'source': '~^(%s|%s)\\.(.+)$' % tuple(re.escape(n) for n in names[:2]),
                               'target': '{1}.{2}_é'})
        elif choice == 'where':
            self.rules.append({'source': '~[a-m]', 'where': self.where()})
        # A map must serve a table, and names must not clash.
        serving = [self.rule(n) for n in self.tables if self.selected(n)]
        self.rules = [r for r in self.rules if any(r is s for s in serving)]
        while self.clash():
            self.rules.pop()

    def clash(self, more=()):
        count = collections.Counter()
        for name in list(self.tables) + list(more):
            if self.selected(name) and name[1] != 'events':
                database, table = self.on_target(name)
                if len(table) > 64 or len(database) > 64:
                    return True
                count[(database.lower(), table.lower())] += 1
                columns = collections.Counter(
                    (self.column_on_target(name, c) or c).lower()
                    for c, _ in (self.tables[name].columns if name in self.tables else []))
                if any(n > 1 for n in columns.values()):
                    return True
        return any(n > 1 for n in count.values())

    def job(self):
        include = [d for d in self.databases if d != 'late0'] + ['late*']
        text = 'include = %s\nexclude = %s\nname_case = "%s"\n' % (
            json.dumps(include, ensure_ascii=False),
            json.dumps(['.'.join(n) for n in self.exclude], ensure_ascii=False), self.name_case)
        for rule in self.rules:
            text += '\n[[objects.map]]\n'
            for key, value in rule.items():
                if key == 'columns':
                    value = '{ %s }' % ', '.join('%s = %s' % (toml(a), toml(b)) for a, b in value.items())
                    text += 'columns = %s\n' % value
                else:
                    text += '%s = %s\n' % (key, toml(value))
        return text

    # --- changes ---------------------------------------------------------------------------------

    def value(self, kind):
        rng = self.rng
        if rng.random() < 0.15:
            return 'NULL'
        if kind.startswith('INT'):
            return str(rng.randint(0, 99))
        if kind.startswith('DEC'):
            return str(rng.randint(-99999, 99999) / 1000)
        if kind.startswith('ENUM'):
            return str(rng.randint(1, 3))
        if kind.startswith('DATE'):
            return "'2024-02-%02d 10:00:00.%03d'" % (rng.randint(1, 29), rng.randint(0, 999))
        if kind == 'DOUBLE':
            return repr(rng.random() * 10 ** rng.randint(-9, 9))
        if kind == 'BLOB':
            return "x'%02x00%02x'" % (rng.randint(0, 255), rng.randint(0, 255))
        return literal(rng.choice(['aa', 'AA', 'bé', 'BE', 'b\\', 'c', '', "it's", 'a%', '☃']))

    def changes(self, count):
        rng, lines = self.rng, []
        for _ in range(count):
            table = rng.choice(list(self.tables.values()))
            key, number = quoted(self.standard[0]), rng.randint(0, 99)
            written = [(c, k) for c, k in table.columns if ' AS ' not in k]
            at, name = '%s = %d' % (key, number), dotted(table.name)
            kind = rng.choice('iiiuuudmt')
            is_shard = table.name[1] == 'events'
            if kind == 'm' and is_shard:  # a row moves to the other shard
                other = dotted(('shard_1' if table.name[0] == 'shard_2' else 'shard_2', 'events'))
                columns = ', '.join(quoted(c) for c, _ in written)
                values = ', '.join([str(number)] + [self.value(k) for _, k in written[1:]])
                lines.append('START TRANSACTION; DELETE FROM %s WHERE %s; INSERT IGNORE INTO %s (%s) VALUES (%s); COMMIT'
                             % (name, at, other, columns, values))
            elif kind == 'm' and table.keyed:  # its key changes
                lines.append('UPDATE IGNORE %s SET %s = %s + %d WHERE %s' % (name, key, key, rng.randint(1, 9), at))
            elif kind == 'd':
                lines.append('DELETE FROM %s WHERE %s LIMIT 1' % (name, at))
            elif kind in 'ut':
                column, of = rng.choice(written[1:])
                statement = 'UPDATE IGNORE %s SET %s = %s WHERE %s' % (
                    name, quoted(column), self.value(of), at if kind == 'u' else '%s BETWEEN %d AND %d' % (key, number, number + 9))
                lines.append(statement)
            else:
                values = ', '.join([str(number)] + [self.value(k) for _, k in written[1:]])
                unless = ''
                if is_shard:
                    unless = ' WHERE NOT EXISTS (SELECT 1 FROM shard_1.events WHERE %s) AND NOT EXISTS (SELECT 1 FROM shard_2.events WHERE %s)' % (at, at)
                lines.append('INSERT IGNORE INTO %s (%s) SELECT %s FROM DUAL%s'
                             % (name, ', '.join(quoted(c) for c, _ in written), values, unless))
        return lines

    def definitions(self, count):
        """Statements (database, text) that the job carries over, and the changes between them."""
        rng, lines = self.rng, []
        for _ in range(count):
            own = [t for t in self.tables.values() if self.selected(t.name) and t.name[1] != 'events']
            table = rng.choice(own)
            database, name = table.name
            called = quoted(name) if rng.random() < 0.5 else dotted(table.name)
            rule, kind = self.rule(table.name), rng.choice(['add', 'index', 'column', 'create', 'like', 'truncate', 'drop', 'table'])
            use, statement = database, None
            whole = not rule.get('exclude_columns')
            if kind == 'add' and whole:
                new = [c for c in COLUMNS + ['more'] if c.lower() not in [x.lower() for x, _ in table.columns] and
                       not self.taken(table, c)]
                if new:
                    table.columns.append((rng.choice(new), 'INT'))
                    statement = 'ALTER TABLE %s ADD COLUMN %s INT DEFAULT 5' % (called, quoted(table.columns[-1][0]))
            elif kind == 'index' and whole:
                statement = 'CREATE INDEX %s ON %s (%s)' % (quoted('i%d' % len(lines)), called, quoted(self.standard[1]))
            elif kind == 'column' and whole:
                at = rng.randrange(3, len(table.columns))
                old, of = table.columns[at]
                new = 'Renamed%d' % len(lines)
                table.columns[at] = (new, of)
                statement = 'ALTER TABLE %s RENAME COLUMN %s TO %s' % (called, quoted(old), quoted(new))
            elif kind in ('create', 'like') and self.free[database]:
                fresh = (database, self.free[database][-1])
                if self.rule(fresh).get('exclude_columns') or self.clash([fresh]):
                    continue
                if kind == 'create':
                    table = self.add_table(database)
                    if self.clash():
                        del self.tables[table.name]
                        continue
                    statement = self.create(table, quoted(fresh[1]) if rng.random() < 0.5 else None)
                elif whole and self.rule(fresh).get('columns') == rule.get('columns'):
                    self.free[database].pop()
                    self.tables[fresh] = Table(fresh, list(table.columns), table.keyed)
                    statement = 'CREATE TABLE %s LIKE %s' % (quoted(fresh[1]), called)
            elif kind == 'truncate':
                statement = 'TRUNCATE TABLE %s' % called
            elif kind == 'drop' and len(own) > 5:
                del self.tables[table.name]
                statement = 'DROP TABLE IF EXISTS %s' % called
            elif kind == 'table' and whole:
                into = rng.choice(self.databases[:3])
                if not self.free[into]:
                    continue
                fresh = (into, self.free[into][-1])
                other = self.rule(fresh)
                if any(rule.get(k) != other.get(k) for k in ('where', 'columns', 'exclude_columns')) or self.clash([fresh]):
                    continue
                self.free[into].pop()
                del self.tables[table.name]
                table.name = fresh
                self.tables[fresh] = table
                form = rng.choice(['RENAME TABLE %s TO %s', 'ALTER TABLE %s RENAME TO %s'])
                statement = form % (called, dotted(fresh))
            if statement:
                self.ddl_done = True
                lines.append('USE %s' % quoted(use))
                lines.append(statement)
                lines += self.changes(6)
        if 'late1' not in self.databases and rng.random() < 0.5:
            self.databases.append('late1')
            self.free['late1'] = list(TABLES)
            lines.append('CREATE DATABASE late1')
            table = self.add_table('late1')
            lines.append(self.create(table))
            lines += self.changes(5)
        return lines

    def taken(self, table, column):
        to = (self.column_on_target(table.name, column) or column).lower()
        return to in [(self.column_on_target(table.name, c) or c).lower() for c, _ in table.columns]

    # --- what must be there ----------------------------------------------------------------------

    def expected(self):
        """By name on the target: the columns, and the queries on the source whose rows it has."""
        there = {}
        for table in self.tables.values():
            if not self.selected(table.name):
                continue
            pairs = [(c, self.column_on_target(table.name, c)) for c, _ in table.columns]
            pairs = [(c, to) for c, to in pairs if to is not None]
            where = self.rule(table.name).get('where', '1')
            query = 'SELECT %s FROM %s WHERE (%s)' % (shown(c for c, _ in pairs), dotted(table.name), where)
            columns, queries = there.setdefault(self.on_target(table.name), ([to for _, to in pairs], []))
            queries.append(query)
        return there

    def check(self, when):
        expected = self.expected()
        found = collections.defaultdict(list)
        for line in run_sql('target', "SELECT HEX(TABLE_SCHEMA), HEX(TABLE_NAME), HEX(COLUMN_NAME) FROM information_schema.COLUMNS WHERE "
                            "TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'dtsctl') "
                            "ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION"):
            database, table, column = (bytes.fromhex(x).decode() for x in line.split('\t'))
            found[(database, table)].append(column)
        if set(found) != set(expected):
            die('%s: on the target %s is missing, %s is too much' % (
                when, sorted(set(expected) - set(found)), sorted(set(found) - set(expected))))
        rows = 0
        for name, (columns, queries) in expected.items():
            # Columns of DDL keep their case.
            fold = (lambda names: [n.lower() for n in names]) if self.ddl_done else list
            if fold(found[name]) != fold(columns):
                die('%s: %s has the columns %s instead of %s' % (when, name, found[name], columns))
            wanted = sorted(line for query in queries for line in run_sql('source', query))
            there = sorted(run_sql('target', 'SELECT %s FROM %s' % (shown(columns), dotted(name))))
            rows += len(there)
            if wanted != there:
                die('%s: %s: missing %s, too much %s' % (
                    when, name, list((collections.Counter(wanted) - collections.Counter(there)).items())[:3],
                    list((collections.Counter(there) - collections.Counter(wanted)).items())[:3]))
        return rows


def toml(value):
    return json.dumps(value, ensure_ascii=False)


def dotted(name):
    return quoted(name[0]) + '.' + quoted(name[1])


def shown(columns):
    return ', '.join('HEX(%s)' % quoted(c) for c in columns)


def dtsctl(*arguments):
    done = subprocess.run([DTSCTL, '-f', JOB] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode != 0:
        die('dtsctl %s ended with %d:\n%s%s' % (' '.join(arguments), done.returncode,
                                               done.stdout.decode()[-2000:], done.stderr.decode()[-2000:]))


def live(number, rng):
    for side in SOCKET:
        for line in run_sql(side, "SELECT HEX(SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN "
                            "('mysql', 'sys', 'information_schema', 'performance_schema')"):
            run_sql(side, 'DROP DATABASE ' + quoted(bytes.fromhex(line).decode()))
    for file in os.listdir(os.path.dirname(JOB)):
        if file.startswith('random.state'):
            os.remove(os.path.join(os.path.dirname(JOB), file))
    world = World(rng)
    with open(HEAD) as head, open(JOB, 'w') as job:
        job.write(head.read() + world.job())
    run_sql('source', ';\n'.join(['CREATE DATABASE %s COLLATE utf8mb4_general_ci' % quoted(d) for d in world.databases] +
                                 [world.create(t) for t in world.tables.values() if t.name != ('shard_2', 'events')] +
                                 ['CREATE TABLE shard_2.events LIKE shard_1.events'] + world.changes(300)))
    dtsctl('precheck', '--ignore', 'merges')
    dtsctl('init-schema')
    # While the rows are copied, and then until it has caught up.
    writer = threading.Thread(target=run_sql, args=('source', ';\n'.join(world.changes(150))))
    writer.start()
    dtsctl('init-data')
    writer.join()
    dtsctl('sync', '--until', 'now')
    rows = world.check('after the copy')
    run_sql('source', ';\n'.join(world.changes(200)))
    dtsctl('sync', '--until', 'now')
    world.check('after changes')
    run_sql('source', ';\n'.join(world.definitions(10)))
    dtsctl('sync', '--until', 'now')
    rows += world.check('after DDL')
    print('world %d: name_case %s, %d tables, %d maps, %d rows' % (
        number, world.name_case, len(world.tables), len(world.rules), rows))
    return rows


def main():
    total = sum(live(i, random.Random(SEED * 1000 + i)) for i in range(WORLDS))
    if total == 0:
        die('no rows were compared')


main()
