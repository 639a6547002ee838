"""Twelve tables of every shape made up by a seed, and what makes values for them; for random_workload.py."""

DOMAIN = 160  # of the values of keys: few, so that writers meet


def quoted(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "''") + "'"


def hexed(data):
    return "x'" + data.hex() + "'"


# --- values --------------------------------------------------------------------------------------

WORDS = ['a', 'Straße', 'É', 'zoë', 'x y', "o'k\\", '日本', 'ab', '😀q', 'Ω']


def spelled(rng, word):
    """Collations hold many of these to be equal."""
    change = rng.randrange(6)
    if change == 0:
        return word.upper()
    if change == 1:
        return word + ' '
    if change == 2:
        return word.replace('É', 'e').replace('ë', 'E')
    return word


def text_key(rng, n):
    return quoted(spelled(rng, WORDS[n % len(WORDS)] + str(n // len(WORDS))))


def plain_key(rng, n):
    return quoted('k%d' % n)


def binary_key(rng, n):
    return hexed(bytes([n % 7, n // 7 % 256]) + bytes(n % 3))  # zeros at the end count


def fixed_binary_key(rng, n):
    return hexed(bytes([n % 5, n // 5 % 256]) + bytes(4))


def decimal_key(rng, n):
    return '%.3f' % ((n - 20) * 0.125)


def uuid_key(rng, n):
    digits = '%032x' % (n * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128))
    return quoted('-'.join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))


def day_key(rng, n):
    return quoted('2024-%02d-%02d' % (1 + n // 28 % 12, 1 + n % 28))


def int_key(rng, n):
    return str(n)


def text_value(rng, most):
    text = ''.join(rng.choice(WORDS) for _ in range(rng.randrange(1 + most // 6)))
    return quoted(text[:most])


def day(rng):
    if rng.random() < 0.02:
        return rng.choice(['0000-00-00', '2024-00-10', '2023-02-30'])  # only where sql_mode allows it
    return '%04d-%02d-%02d' % (rng.choice([1000, 1970, 2024, 9999]), rng.randint(1, 12), rng.randint(1, 28))


def clock(rng, digits):
    return '%02d:%02d:%02d.%0*d' % (rng.randrange(24), rng.randrange(60), rng.randrange(60), digits, rng.randrange(10**digits))


def json_value(rng):
    return quoted(rng.choice(['{}', '[1, 2.50, null, "ü"]', '{"a": {"b": [%d, "%s"]}, "c": 1e3}' % (
        rng.randrange(99), rng.choice(['x', '日本'])), 'true', '"%s"' % ('j' * rng.randrange(200)), '-0.0', '12345678901234567']))


def bytes_value(rng, most):
    size = rng.randrange(most + 1)
    return hexed(rng.randbytes(size))


def large_value(rng):
    if rng.random() < 0.9:
        return bytes_value(rng, 60)
    return "REPEAT(%s, %d)" % (hexed(rng.randbytes(10)), rng.randrange(6000))


# Type, and what makes a literal of it. What follows the first word of a type may be an attribute.
VALUES = [
    ('INT', lambda r: str(r.choice([0, -1, 2**31 - 1, -2**31, r.randrange(1000)]))),
    ('TINYINT', lambda r: str(r.randint(-128, 127))),
    ('SMALLINT UNSIGNED', lambda r: str(r.randrange(65536))),
    ('MEDIUMINT', lambda r: str(r.randint(-2**23, 2**23 - 1))),
    ('BIGINT UNSIGNED', lambda r: str(r.choice([0, 2**64 - 1, 2**63, r.randrange(10**9)]))),
    ('DECIMAL(20,6)', lambda r: '%d.%06d' % (r.randint(-10**9, 10**9), r.randrange(10**6))),
    ('FLOAT', lambda r: repr(r.choice([0.1, -1.5e-20, 3e38, 16777217.0, r.random()]))),
    ('DOUBLE', lambda r: repr(r.choice([0.1, -1e300, 5e-324, 1 / 3, r.random()]))),
    ('BIT(13)', lambda r: str(r.randrange(8192))),
    ("ENUM('a','B','','ü')", lambda r: r.choice(["'a'", "'B'", "''", "'ü'", "'nothing'", '3'])),
    ("SET('x','y','z','ß')", lambda r: r.choice(["''", "'x'", "'z,x'", "'ß,y'", '15'])),
    ('DATE', lambda r: quoted(day(r))),
    ('DATETIME(6)', lambda r: quoted(day(r) + ' ' + clock(r, 6))),
    ('TIMESTAMP(3) NULL', lambda r: quoted('%d-03-31 ' % r.choice([1971, 2024, 2037]) + clock(r, 3))),
    ('TIME(2)', lambda r: quoted(r.choice(['-', '']) + clock(r, 2))),
    ('YEAR', lambda r: r.choice(['0', '1901', '2155', '2024'])),
    ('CHAR(7)', lambda r: text_value(r, 7)),
    ('VARCHAR(60)', lambda r: text_value(r, 60)),
    ('VARCHAR(30) CHARACTER SET latin1', lambda r: quoted(r.choice(['é', 'Straße ', 'x', '', 'ÿ']) * r.randrange(4))),
    ('BINARY(5)', lambda r: hexed(bytes([r.randrange(256)]) + bytes(r.randrange(4)))),
    ('VARBINARY(40)', lambda r: bytes_value(r, 40)),
    ('TEXT', lambda r: text_value(r, 300)),
    ('BLOB', lambda r: bytes_value(r, 100)),
    ('JSON', json_value),
]
NO_DEFAULT = ('TEXT', 'BLOB', 'JSON', 'MEDIUMBLOB', 'TIMESTAMP(3) NULL')


class Column:
    """`value` makes a literal; of a column that counts for a key it takes a number below DOMAIN."""

    def __init__(self, name, declared, value, keyed=False, nullable=True):
        self.name, self.declared, self.value, self.keyed, self.nullable = name, declared, value, keyed, nullable

    def literal(self, rng, n=None):
        if self.keyed:
            if self.nullable and rng.random() < 0.2:
                return 'NULL'
            return self.value(rng, rng.randrange(DOMAIN) if n is None else n)
        if self.nullable and rng.random() < 0.15:
            return 'NULL'
        return self.value(rng)


class Table:
    def __init__(self, name):
        self.name, self.columns, self.rules, self.key, self.options = name, [], [], [], ''
        self.generated, self.uniques, self.parent, self.auto = [], [], False, False

    def column(self, name, declared, value, keyed=False, nullable=True):
        self.columns.append(Column(name, declared, value, keyed, nullable))
        return self

    def primary(self, *names):
        self.key = list(names)
        self.rules.append('PRIMARY KEY (%s)' % ', '.join(names))

    def unique(self, rule, column=None):
        self.rules.append('UNIQUE KEY ' + rule)
        if column:
            self.uniques.append(column)

    def named(self, name):
        return next(c for c in self.columns if c.name == name)

    def create(self):
        lines = ['%s %s' % (c.name, c.declared) for c in self.columns] + self.generated + self.rules
        return 'CREATE TABLE %s (\n  %s\n)%s;' % (self.name, ',\n  '.join(lines), self.options)


def add_values(rng, table, low=2, high=6):
    for number, (declared, value) in enumerate(rng.sample(VALUES, rng.randint(low, high))):
        nullable = True
        if declared not in NO_DEFAULT and rng.random() < 0.4:
            default = next(v for v in (value(rng) for _ in range(100)) if "'nothing'" not in v and '-00' not in v and '-30' not in v)
            if declared.startswith(('ENUM', 'BIT', 'YEAR')):
                default = {'E': "'B'", 'B': "b'101'", 'Y': "'2024'"}[declared[0]]
            elif declared.startswith('SET'):
                default = "'x,z'"
            declared, nullable = '%s NOT NULL DEFAULT %s' % (declared, default), False
        table.column('v%d' % number, declared, value, nullable=nullable)
    if rng.random() < 0.4:
        table.column('changed', 'TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)',
                     lambda r: "'2024-02-29 %s'" % clock(r, 6), nullable=False)
    plain = [c.name for c in table.columns if c.name.startswith('v') and c.declared.split()[0] not in ('TEXT', 'BLOB', 'JSON')]
    for name in rng.sample(plain, min(len(plain), rng.randrange(3))):
        table.rules.append('KEY key_%s (%s)' % (name, name))


def make_tables(rng, mysql):
    """Twelve tables, one of each shape; what belongs to the shape is fixed, the rest is by the seed."""
    ci = rng.choice(['utf8mb4_general_ci', 'utf8mb4_unicode_ci'] + (['utf8mb4_0900_ai_ci'] if mysql else ['utf8mb4_nopad_bin']))
    tables = []

    def table(name):
        tables.append(Table(name))
        return tables[-1]

    big = rng.choice(['INT', 'INT UNSIGNED', 'BIGINT'])
    t = table('root').column('id', big + ' NOT NULL AUTO_INCREMENT', int_key, True, False)
    t.column('u', 'INT', int_key, True)
    t.primary('id')
    t.unique('(u)', 'u')
    t.parent = t.auto = True
    t = table('branch').column('root', big + ' NOT NULL', int_key, True, False)
    t.column('line', 'SMALLINT NOT NULL', lambda r, n: str(n % 4), True, False)
    t.primary('root', 'line')
    t.rules.append('CONSTRAINT of_root FOREIGN KEY (root) REFERENCES root (id)')
    t.generated.append('total BIGINT AS (root * 10 + line) %s' % rng.choice(['STORED', 'VIRTUAL']))
    t.parent = True
    t = table('leaf').column('id', 'INT NOT NULL', int_key, True, False)
    t.column('root', big, int_key, True).column('line', 'SMALLINT', lambda r, n: str(n % 4), True)
    t.column('above', 'INT', int_key, True)
    t.primary('id')
    # Of a key that the server makes for a foreign key nothing tells that it goes once another serves.
    t.rules += ['KEY at_branch (root, line)', 'KEY at_leaf (above)',
                'CONSTRAINT of_branch FOREIGN KEY (root, line) REFERENCES branch (root, line)',
                'CONSTRAINT of_leaf FOREIGN KEY (above) REFERENCES leaf (id) ON DELETE RESTRICT']
    t.parent = True

    t = table('word').column('k', 'VARCHAR(20) COLLATE %s NOT NULL' % ci, text_key, True, False)
    t.primary('k')
    t = table('pair').column('k', 'CHAR(12) COLLATE utf8mb4_general_ci NOT NULL', text_key, True, False)
    t.column('n', 'TINYINT NOT NULL', lambda r, n: str(n % 3), True, False)
    t.primary(*rng.choice([('k', 'n'), ('n', 'k')]))
    t = table('bin')
    if rng.random() < 0.5:
        t.column('k', 'VARBINARY(8) NOT NULL', binary_key, True, False)
    else:
        t.column('k', 'BINARY(6) NOT NULL', fixed_binary_key, True, False)
    t.primary('k')
    t.column('u', 'VARBINARY(12)', binary_key, True)
    t.unique('(u)', 'u')
    t = table('amount').column('k', 'DECIMAL(12,3) NOT NULL', decimal_key, True, False)
    t.primary('k')
    t.column('u', 'DATE', day_key, True)
    t.unique('(u)', 'u')

    t = table('many').column('k', 'CHAR(36) CHARACTER SET ascii NOT NULL', uuid_key, True, False)
    t.column('u1', 'INT', int_key, True).column('u2', 'VARCHAR(20) COLLATE %s' % ci, text_key, True)
    t.column('u3', 'VARCHAR(30) NOT NULL', lambda r, n: quoted('%03d%s' % (n, r.choice(WORDS))), True, False)
    t.generated.append('twice BIGINT AS (u1 * 2) %s' % rng.choice(['STORED', 'VIRTUAL']))
    t.primary('k')
    t.unique('(u1)', 'u1')
    t.unique('(u2)', 'u2')
    t.unique('(u3(3))', 'u3')
    if rng.random() < 0.5:
        t.unique('(twice)')
    t = table('coded').column('k', 'VARCHAR(16) NOT NULL', plain_key, True, False)
    t.column('n', 'INT NOT NULL', int_key, True, False)
    t.key = ['k']
    t.unique('(k)', 'k')
    t.unique('(n, k)')
    t = table('heap').column('a', 'INT', int_key, True)
    t = table('loose').column('token', 'VARCHAR(12)', plain_key, True)
    t.column('id', 'INT NOT NULL AUTO_INCREMENT', int_key, True, False)
    t.unique('(token)', 'token')
    t.rules.append('KEY (id)')
    t.auto = True
    t = table('large').column('id', 'BIGINT UNSIGNED NOT NULL AUTO_INCREMENT', int_key, True, False)
    t.column('body', 'MEDIUMBLOB', large_value)
    t.primary('id')
    t.auto = True
    if rng.random() < 0.5:
        t.options = ' PARTITION BY HASH (id) PARTITIONS 3'
    for t in tables:
        add_values(rng, t)
    tables[9].column('body', 'MEDIUMBLOB', large_value)
    return tables
