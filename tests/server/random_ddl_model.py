"""What there is on a source, and statements that change it, made up at random; for random_ddl.py.

An action is a generator of statements. Each is told whether the source took it, and only then is the
model changed. Rows are written to whatever tables there are by now.
"""
import copy
import random

SPAN = 200  # keys are below
TEXTS = ["'aa'", "'AA'", "'bé'", "'BE '", "'c'", "''", "'it''s'", "'a%_'", "NULL", "'ñandú'"]


def numbers(low, high):
    return lambda rng: str(rng.randint(low, high))


def texts(rng):
    return rng.choice(TEXTS)


def bytes_of(rng):
    return "x'%s'" % rng.randbytes(rng.randint(0, 5)).hex()


# name: (declaration, value, what it may become)
KINDS = {
    'tiny': ('TINYINT', numbers(-128, 127), ['int', 'big', 'short']),
    'int': ('INT', numbers(-9, SPAN), ['big', 'short', 'wide', 'tiny']),
    'big': ('BIGINT', numbers(-2 ** 63, 2 ** 63 - 1), ['int', 'wide']),
    'positive': ('INT UNSIGNED', numbers(0, 2 ** 32 - 1), ['int', 'big']),
    'decimal': ('DECIMAL(9,3)', lambda rng: str(rng.randint(-99999, 99999) / 1000), ['long_decimal', 'double']),
    'long_decimal': ('DECIMAL(20,6)', lambda rng: str(rng.randint(-10 ** 12, 10 ** 12) / 10 ** 6), ['decimal']),
    'double': ('DOUBLE', lambda rng: repr(rng.random() * 10 ** rng.randint(-9, 9)), ['float']),
    'float': ('FLOAT', lambda rng: str(rng.randint(-999, 999) / 8), ['double']),
    'short': ('VARCHAR(20)', texts, ['wide', 'text', 'bin', 'char', 'int', 'latin']),
    'wide': ('VARCHAR(60)', texts, ['short', 'text']),
    'bin': ('VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', texts, ['short', 'text']),
    'latin': ('VARCHAR(20) CHARACTER SET latin1', texts, ['bin', 'wide']),
    'char': ('CHAR(7)', texts, ['short']),
    'text': ('TEXT', texts, ['wide', 'blob']),
    'blob': ('BLOB', bytes_of, ['bytes']),
    'bytes': ('VARBINARY(9)', bytes_of, ['blob']),
    'enum': ("ENUM('x','Y','')", numbers(1, 3), ['enum4', 'short']),
    'enum4': ("ENUM('x','Y','','z')", numbers(1, 4), ['short']),
    'set': ("SET('a','b','c')", numbers(0, 7), []),
    'moment': ('DATETIME(3)', lambda rng: "'2024-02-%02d 10:00:00.%03d'" % (rng.randint(1, 29), rng.randint(0, 999)), ['fine']),
    'fine': ('DATETIME(6)', lambda rng: "'2024-03-%02d 23:59:59.%06d'" % (rng.randint(1, 29), rng.randint(0, 999999)), ['moment', 'stamp']),
    'stamp': ('TIMESTAMP NULL', lambda rng: "'2024-06-%02d 12:00:00'" % rng.randint(1, 30), ['moment']),
    'date': ('DATE', lambda rng: "'20%02d-01-31'" % rng.randint(0, 99), ['moment']),
    'time': ('TIME(2)', lambda rng: "'%02d:10:59.%02d'" % (rng.randint(-90, 90), rng.randint(0, 99)), []),
    'bit': ('BIT(9)', lambda rng: "b'%s'" % bin(rng.randint(0, 511))[2:], []),
    'json': ('JSON', lambda rng: rng.choice(["'{\"a\": [1, \"é\", null]}'", "'[]'", "'12'", 'NULL']), []),
}
# Fit to be in an index.
SHORT = [k for k in KINDS if k not in ('text', 'blob', 'json', 'wide')]


class Column:
    def __init__(self, name, kind, extra='', formula=None):
        self.name, self.kind, self.extra, self.formula = name, kind, extra, formula

    def declared(self):
        if self.formula:
            return '%s BIGINT AS (%s) %s' % (quoted(self.name), self.formula[0], self.formula[1])
        return '%s %s%s' % (quoted(self.name), KINDS[self.kind][0], self.extra)

    def value(self, rng):
        value = 'NULL' if rng.random() < 0.1 else KINDS[self.kind][1](rng)
        return "'x'" if value == 'NULL' and self.extra else value


class Table:
    """The first column is k, a number below SPAN by which rows are found; `key`: it is the primary key."""

    def __init__(self, name, columns, key, auto=False, bounds=None):
        self.name, self.columns, self.key, self.auto = name, columns, key, auto
        self.indexes = {}    # name: columns
        self.checks = set()
        self.foreign = {}    # name of the key: parent
        self.bounds = bounds  # of its RANGE partitions, p0 and so on; a number: of HASH partitions
        self.next_part = len(bounds) if isinstance(bounds, dict) else 0
        self.triggers = set()
        self.waits = False   # to be copied again

    def has(self, column):
        return any(c.name == column for c in self.columns)

    def plain(self):
        return [c for c in self.columns[1:] if not c.formula]

    def written(self):
        return [c for c in self.columns if not c.formula]

    def used(self, column):
        return any(column in columns for columns in self.indexes.values())


def quoted(name):
    return '`%s`' % name


def dotted(name):
    return quoted(name[0]) + '.' + quoted(name[1])


class World:
    NAMES = ['tab_%s' % c for c in 'abcdefghijkl']
    COLUMNS = ['alpha', 'Beta', 'gamma', 'c d', 'order', 'eps_1', 'zeta', 'Eta']

    def __init__(self, rng, is_mysql):
        self.rng, self.is_mysql = rng, is_mysql
        self.tables, self.views, self.routines, self.events, self.sequences = {}, {}, {}, {}, {}
        self.triggers = {}         # (database, name): table
        self.stays = []            # names of the target that the source has no longer
        self.banned = set()        # names of the source that are not to be used again
        self.number = 0
        self.databases = ['plain', 'shop', 'crm', 'late_1', 'late_2']
        self.maps = [{'source': 'crm', 'target': 'kunden'}, {'source': 'late_2', 'target': 'spaet_2'},
                     {'source': 'plain.tab_c', 'target': 'plain.Umbenannt'},
                     {'source': 'shop.tab_b', 'target': 'lager.zwei', 'columns': {'alpha': 'eins', 'zeta': 'sechs'}},
                     {'source': 'shop.tab_d', 'target': 'lager.vier'}, {'source': 'crm.tab_a', 'target': 'lager.drei'},
                     {'source': 'shop.tab_e', 'columns': {'gamma': 'vier', 'k': 'schluessel'}}]
        rng.shuffle(self.maps)
        # The first that fits counts.
        self.maps = sorted(self.maps[:rng.randint(0, len(self.maps))], key=lambda rule: '.' not in rule['source'])
        self.begin()

    def begin(self):
        rng = self.rng
        self.setup = ['CREATE DATABASE %s COLLATE %s' % (d, rng.choice(['utf8mb4_general_ci', 'utf8mb4_bin', 'latin1_swedish_ci']))
                      for d in self.databases + ['other']]
        self.setup.append('CREATE TABLE plain.audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20), k INT)')
        self.setup.append('CREATE TABLE plain.parent (k INT PRIMARY KEY, v INT); CREATE TABLE plain.child (k INT PRIMARY KEY, p INT, '
                          'CONSTRAINT cascading FOREIGN KEY (p) REFERENCES plain.parent (k) ON DELETE CASCADE)')
        self.setup.append('CREATE TABLE other.one (k INT PRIMARY KEY, v INT)')
        names = {(m['source'].split('.') + ['tab_a'])[0:2][0] + '.' + (m['source'].split('.') + ['tab_a'])[1] for m in self.maps}
        names |= {'%s.%s' % (rng.choice(self.databases), rng.choice(self.NAMES)) for _ in range(8)}
        for name in sorted(names | {'%s.tab_a' % d for d in self.databases}):
            table = self.new_table(tuple(name.split('.')))
            for column in self.rule(table.name).get('columns', {}):  # the precheck wants them
                if column not in [c.name for c in table.columns]:
                    table.columns.append(Column(column, 'int'))
            self.setup.append(self.create(table))
            self.tables[table.name] = table
        for _ in range(60):
            self.setup += self.changes()

    # --- names -----------------------------------------------------------------------------------

    def rule(self, name):
        for rule in self.maps:
            if rule['source'] == '.'.join(name):
                return rule
        return {}

    def database_on_target(self, database):
        for rule in self.maps:
            if rule['source'] == database:
                return rule['target']
        return database

    def on_target(self, name):
        target = self.rule(name).get('target')
        return tuple(target.split('.')) if target else (self.database_on_target(name[0]), name[1])

    def free_name(self, database=None):
        """One that may be given to any table: its columns keep their names."""
        for _ in range(50):
            name = (database or self.rng.choice(self.databases), self.rng.choice(self.NAMES))
            if name not in self.tables and name not in self.banned and 'columns' not in self.rule(name):
                return name
        return None

    def fresh(self, prefix):
        self.number += 1
        return '%s%d' % (prefix, self.number)

    def some(self, fits=lambda t: True):
        able = [t for n, t in sorted(self.tables.items()) if fits(t)]
        return self.rng.choice(able) if able else None

    def movable(self, table):
        return 'columns' not in self.rule(table.name)

    def is_tied(self, table):
        return bool(table.foreign or table.triggers) or any(table in t.foreign.values() for t in self.tables.values())

    # --- tables ----------------------------------------------------------------------------------

    def new_column(self, taken, kinds=None):
        rng = self.rng
        free = [c for c in self.COLUMNS if c not in taken]
        if not free:
            return None
        kind = rng.choice(kinds or list(KINDS))
        extra = ''
        if rng.random() < 0.3 and kind not in ('json', 'text', 'blob', 'stamp'):
            extra = ' NOT NULL'
            if kind in ('int', 'big', 'tiny', 'decimal', 'double', 'short', 'char'):
                extra = ' NOT NULL DEFAULT %s' % ("'n'" if kind in ('short', 'char') else '7')
        elif kind in ('moment', 'fine') and rng.random() < 0.4:
            size = '(3)' if kind == 'moment' else '(6)'
            extra = ' NOT NULL DEFAULT CURRENT_TIMESTAMP%s ON UPDATE CURRENT_TIMESTAMP%s' % (size, size)
        return Column(rng.choice(free), kind, extra)

    def new_table(self, name):
        rng = self.rng
        columns = [Column('k', 'int', ' NOT NULL')]
        for _ in range(rng.randint(1, 5)):
            columns.append(self.new_column([c.name for c in columns]))
        if rng.random() < 0.25:
            columns.append(Column('twice', 'big', '', ('`k` * 2', rng.choice(['VIRTUAL', 'STORED']))))
        key = rng.random() < 0.8
        table = Table(name, columns, key, key and not columns[-1].formula and rng.random() < 0.3)
        what = rng.random()
        if what < 0.2:
            table.bounds, table.next_part = {'p0': 70, 'p1': 140, 'p2': 1000}, 3
        elif what < 0.3:
            table.bounds = 3
        table.options = rng.choice(['', '', ' CHARACTER SET utf8mb4', ' CHARACTER SET latin1', ' COLLATE utf8mb4_unicode_ci', " COMMENT 'it''s'",
                                    ' ROW_FORMAT=COMPRESSED' if not table.bounds else ''])
        for c in table.columns[1:]:
            if c.kind in SHORT and not c.formula and rng.random() < 0.3:
                self.number += 1
                table.indexes['ix%d' % self.number] = [c.name, 'k'] if rng.random() < 0.5 else [c.name]
        return table

    def create(self, table, verb='CREATE TABLE'):
        lines = [c.declared() + (' AUTO_INCREMENT' if table.auto and c.name == 'k' else '') for c in table.columns]
        if table.key:
            lines.append('PRIMARY KEY (`k`)')
        lines += ['KEY %s (%s)' % (name, ', '.join(map(quoted, columns))) for name, columns in table.indexes.items()]
        return '%s %s (%s)%s%s' % (verb, dotted(table.name), ', '.join(lines), table.options, self.partitions(table))

    def partitions(self, table):
        if isinstance(table.bounds, dict):
            return ' PARTITION BY RANGE (`k`) (%s)' % ', '.join(
                'PARTITION %s VALUES LESS THAN (%d)' % part for part in sorted(table.bounds.items(), key=lambda p: p[1]))
        return ' PARTITION BY HASH (`k`) PARTITIONS %d' % table.bounds if table.bounds else ''

    # --- rows ------------------------------------------------------------------------------------

    def changes(self):
        rng = self.rng
        if rng.random() < 0.1:
            k, v = rng.randrange(20), rng.randrange(20)
            return [rng.choice(['INSERT IGNORE INTO plain.parent VALUES (%d, %d)' % (k, v), 'DELETE FROM plain.parent WHERE k = %d' % k,
                                'INSERT IGNORE INTO plain.child VALUES (%d, %d)' % (k, v), 'INSERT IGNORE INTO other.one VALUES (%d, %d)' % (k, v)])]
        table = self.some()
        if self.sequences and rng.random() < 0.1:
            return ['DO NEXTVAL(%s)' % dotted(rng.choice(sorted(self.sequences)))]
        if table is None:
            return []
        name, k = dotted(table.name), rng.randrange(SPAN)
        what = rng.random()
        if what < 0.4:
            columns = [c for c in table.written() if c.name == 'k' or rng.random() < 0.9]
            rows = ', '.join('(%s)' % ', '.join(
                (('NULL' if table.auto and rng.random() < 0.3 else str(rng.randrange(SPAN))) if c.name == 'k' else c.value(rng)) for c in columns)
                for _ in range(rng.choice([1, 1, 3, 20])))
            return ['%s INTO %s (%s) VALUES %s' % (rng.choice(['INSERT IGNORE', 'INSERT IGNORE', 'REPLACE']) if table.key and not table.bounds
                                                  else 'INSERT IGNORE', name, ', '.join(quoted(c.name) for c in columns), rows)]
        where = rng.choice(['`k` = %d' % k, '`k` BETWEEN %d AND %d' % (k, k + 15)])
        if what < 0.8 and table.plain():
            column = rng.choice(table.plain())
            return ['UPDATE IGNORE %s SET %s = %s WHERE %s' % (name, quoted(column.name), column.value(rng), where)]
        if what < 0.87 and not table.bounds:
            return ['UPDATE IGNORE %s SET `k` = `k` + %d WHERE `k` = %d' % (name, rng.randint(1, 9), k)]
        return ['DELETE IGNORE FROM %s WHERE %s' % (name, where)]

    def transaction(self):
        rng = self.rng
        lines = [line for _ in range(rng.choice([1, 1, 4, 20])) for line in self.changes()]
        if rng.random() < 0.5:
            return ['START TRANSACTION'] + lines + [rng.choice(['COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK'])]
        return lines

    def twin(self, table, name):
        made = copy.copy(table)
        made.name, made.columns, made.indexes = name, [copy.copy(c) for c in table.columns], dict(table.indexes)
        made.checks, made.foreign, made.triggers = set(table.checks), {}, set()
        made.bounds = dict(table.bounds) if isinstance(table.bounds, dict) else table.bounds
        return made

    def forget(self, table):
        del self.tables[table.name]
        for trigger in table.triggers:
            self.triggers.pop(trigger)
        table.triggers = set()

    def move(self, table, name):
        del self.tables[table.name]
        table.name = name
        self.tables[name] = table
