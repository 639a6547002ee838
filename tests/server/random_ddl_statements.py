"""Statements of every class that is replicated, made up for a World; for random_ddl.py.

Each method is a generator: it yields statements and hears of each whether it was done.
"""
from random_ddl_model import KINDS, SHORT, SPAN, Column, Table, dotted, quoted
from random_ddl_objects import ObjectStatements


class Statements(ObjectStatements):
    def __init__(self, world):
        super().__init__(world)
        names = ['create', 'create', 'like', 'select', 'drop', 'drop_several', 'rename', 'rename', 'swap', 'rename_many', 'leave', 'truncate',
                 'add_column', 'add_column', 'add_column', 'drop_column', 'drop_column', 'modify', 'modify', 'change', 'change', 'default',
                 'generated', 'add_index', 'add_index', 'drop_index', 'rename_index', 'unique', 'auto_increment', 'charset', 'options', 'rebuild',
                 'check', 'primary', 'foreign_key', 'drop_foreign_key', 'combined', 'evaluated', 'evaluated', 'add_partition', 'drop_partition', 'truncate_partition',
                 'split_partition', 'hash_partitions', 'partition', 'exchange', 'view', 'view', 'alter_view', 'drop_view', 'rename_view', 'routine',
                 'drop_routine', 'trigger', 'trigger', 'drop_trigger', 'event', 'alter_event', 'drop_event', 'database', 'alter_database',
                 'drop_database', 'elsewhere', 'temporary']
        if not world.is_mysql:
            names += ['replace', 'replace_select', 'sequence', 'alter_sequence', 'drop_sequence', 'convert_partition', 'if_exists', 'alter_ignore']
        self.names = names

    def some(self):
        return getattr(self, self.rng.choice(self.names))()

    # --- tables come and go ----------------------------------------------------------------------

    def create(self):
        world = self.world
        name = world.free_name()
        ruled = [tuple(m['source'].split('.')) for m in world.maps if '.' in m['source']]
        ruled = [n for n in ruled if n not in world.tables and n not in world.banned and n[0] in world.databases]
        if ruled and self.chance(0.5):
            name = self.rng.choice(ruled)
        if name is None:
            return
        table = world.new_table(name)
        if (yield world.create(table, self.rng.choice(['CREATE TABLE', 'CREATE TABLE IF NOT EXISTS']))):
            world.tables[name] = table

    def replace(self):
        world = self.world
        old = world.some(lambda t: not t.triggers and not world.is_tied(t))
        if old is None:
            return
        table = world.new_table(old.name)
        table.waits = old.waits
        if (yield world.create(table, 'CREATE OR REPLACE TABLE')):
            world.tables[old.name] = table

    def like(self):
        world = self.world
        table, name = world.some(lambda t: world.movable(t) and not t.waits), world.free_name()
        if table is None or name is None:
            return
        if (yield 'CREATE TABLE %s LIKE %s' % (dotted(name), dotted(table.name))):
            world.tables[name] = world.twin(table, name)

    def selected(self, table, name):
        """What SELECT makes of a table: no indexes, no formulas."""
        columns = [table.columns[0]] + [c for c in table.plain() if self.chance(0.8)]
        made = Table(name, [Column(c.name, c.kind, c.extra) for c in columns], table.key)
        text = '%s AS SELECT %s FROM %s' % (' (PRIMARY KEY (`k`))' if table.key else '', ', '.join(quoted(c.name) for c in columns), dotted(table.name))
        return made, text

    def select(self):
        world = self.world
        table, name = world.some(), world.free_name()
        if table is None or name is None:
            return
        made, text = self.selected(table, name)
        if (yield 'CREATE TABLE %s%s' % (dotted(name), text)):
            world.tables[name] = made

    def replace_select(self):
        world = self.world
        table, old = world.some(), world.some(lambda t: not world.is_tied(t) and world.movable(t))
        if table is None or old is None or old is table:
            return
        made, text = self.selected(table, old.name)
        made.waits = old.waits
        if (yield 'CREATE OR REPLACE TABLE %s%s' % (dotted(old.name), text)):
            world.tables[old.name] = made

    def drop(self):
        world = self.world
        table = world.some()
        if table and len(world.tables) > 8 and (yield 'DROP TABLE %s%s' % (self.rng.choice(['', 'IF EXISTS ']), dotted(table.name))):
            world.forget(table)

    def drop_several(self):
        world = self.world
        able = [t for n, t in sorted(world.tables.items()) if not world.is_tied(t)]
        if len(able) < 8:
            return
        tables = self.rng.sample(able, 2)
        words = [dotted(t.name) for t in tables] + ['plain.nothing', 'other.nothing']
        self.rng.shuffle(words)
        if (yield 'DROP TABLE IF EXISTS ' + ', '.join(words)):
            for table in tables:
                world.forget(table)

    def rename(self):
        world = self.world
        table, name = world.some(world.movable), world.free_name()
        if table is None or name is None or (name[0] != table.name[0] and world.is_tied(table)):
            return
        text = self.rng.choice(['RENAME TABLE %s TO %s', 'ALTER TABLE %s RENAME TO %s'])
        if (yield text % (dotted(table.name), dotted(name))):
            world.move(table, name)

    def swap(self):
        world = self.world
        able = [t for n, t in sorted(world.tables.items()) if world.movable(t) and not world.is_tied(t)]
        third = world.free_name()
        if len(able) < 2 or third is None:
            return
        one, two = self.rng.sample(able, 2)
        a, b = one.name, two.name
        if (yield 'RENAME TABLE %s TO %s, %s TO %s, %s TO %s' % tuple(map(dotted, (a, third, b, a, third, b)))):
            del world.tables[a]
            world.move(two, a)
            one.name = b
            world.tables[b] = one

    def rename_many(self):
        """One takes the place of another, which takes a new one."""
        world = self.world
        able = [t for n, t in sorted(world.tables.items()) if world.movable(t) and not world.is_tied(t)]
        free = world.free_name()
        if len(able) < 2 or free is None:
            return
        one, two = self.rng.sample(able, 2)
        place = one.name
        if (yield 'RENAME TABLE %s TO %s, %s TO %s' % tuple(map(dotted, (place, free, two.name, place)))):
            world.move(one, free)
            world.move(two, place)

    def leave(self):
        world = self.world
        table = world.some(lambda t: t.name[0] == 'plain' and world.movable(t) and not world.is_tied(t))
        if table is None or not self.chance(0.3):
            return
        name = table.name
        if (yield 'RENAME TABLE %s TO other.%s' % (dotted(name), world.fresh('left'))):
            world.forget(table)
            world.stays.append(world.on_target(name))
            world.banned.add(name)

    def truncate(self):
        table = self.world.some()
        if table:
            yield 'TRUNCATE TABLE ' + dotted(table.name)

    def elsewhere(self):
        name = 'other.' + self.world.fresh('t')
        if (yield 'CREATE TABLE %s (k INT PRIMARY KEY)' % name) and (yield 'ALTER TABLE %s ADD x INT' % name):
            yield 'DROP TABLE ' + name

    def temporary(self):
        table = self.world.some()
        if table:
            yield 'CREATE TEMPORARY TABLE plain.passing (a INT); ALTER TABLE plain.passing ADD b INT; DROP TEMPORARY TABLE plain.passing'

    # --- columns and keys ------------------------------------------------------------------------

    def alter(self, table, clause):
        extra = ''
        if self.chance(0.1):
            extra = ', ALGORITHM=COPY'
        return 'ALTER TABLE %s %s%s' % (dotted(table.name), clause, extra)

    def place(self, table):
        return self.rng.choice(['', '', ' FIRST', ' AFTER %s' % quoted(self.rng.choice(table.columns).name)])

    def put(self, table, column, place):
        if place == ' FIRST':
            table.columns.insert(0, column)
        elif place:
            names = [c.name for c in table.columns]
            table.columns.insert(names.index(place.split('`')[1]) + 1, column)
        else:
            table.columns.append(column)
        table.columns.sort(key=lambda c: c.name != 'k')  # ours is the first of the model

    def add_column(self):
        table = self.world.some()
        column = table and self.world.new_column([c.name for c in table.columns])
        if not column:
            return
        place = self.place(table)
        if (yield self.alter(table, 'ADD COLUMN %s%s' % (column.declared(), place))):
            self.put(table, column, place)

    def droppable(self, table):
        return [c for c in table.plain() if not table.used(c.name)]

    def drop_column(self):
        table = self.world.some(self.droppable)
        if table is None:
            return
        column = self.rng.choice(self.droppable(table))
        if (yield self.alter(table, 'DROP COLUMN %s' % quoted(column.name))):
            table.columns.remove(column)

    def if_exists(self):
        table = self.world.some()
        if table:
            yield self.alter(table, self.rng.choice(['DROP COLUMN IF EXISTS nothing', 'DROP INDEX IF EXISTS nothing', 'ADD COLUMN IF NOT EXISTS `k` INT']))

    def modify(self):
        table = self.world.some(self.droppable)
        if table is None:
            return
        column = self.rng.choice(self.droppable(table))
        if not KINDS[column.kind][2] or column.kind not in KINDS:
            return
        kind = self.rng.choice(KINDS[column.kind][2])
        if (yield self.alter(table, 'MODIFY COLUMN %s %s' % (quoted(column.name), KINDS[kind][0]))):
            column.kind, column.extra = kind, ''

    def change(self):
        world, table = self.world, self.world.some(self.droppable)
        if table is None:
            return
        column = self.rng.choice(self.droppable(table))
        free = [c for c in world.COLUMNS if c not in [x.name for x in table.columns]]
        if not free:
            return
        name = self.rng.choice(free)
        text = 'RENAME COLUMN %s TO %s' % (quoted(column.name), quoted(name))
        if self.chance(0.4):
            text = 'CHANGE %s %s %s%s' % (quoted(column.name), quoted(name), KINDS[column.kind][0], column.extra)
        if (yield self.alter(table, text)):
            column.name = name

    def default(self):
        table = self.world.some(lambda t: any(c.kind in ('int', 'big') and not c.formula for c in t.columns[1:]))
        if table:
            column = self.rng.choice([c for c in table.columns[1:] if c.kind in ('int', 'big') and not c.formula])
            yield self.alter(table, 'ALTER COLUMN %s SET DEFAULT %d' % (quoted(column.name), self.rng.randint(0, 9)))

    def generated(self):
        table = self.world.some(lambda t: all(c.name != 'twice' for c in t.columns))
        if table is None:
            return
        column = Column('twice', 'big', '', ('`k` * 2', self.rng.choice(['VIRTUAL', 'STORED'])))
        if (yield self.alter(table, 'ADD COLUMN ' + column.declared())):
            table.columns.append(column)

    def add_index(self):
        table = self.world.some(lambda t: any(c.kind in SHORT for c in t.plain()))
        if table is None:
            return
        column, name = self.rng.choice([c for c in table.plain() if c.kind in SHORT]).name, self.world.fresh('ix')
        text = 'CREATE INDEX %s ON %s (%s)' % (name, dotted(table.name), quoted(column))
        if self.chance(0.5):
            text = self.alter(table, 'ADD INDEX %s (%s, `k`)' % (name, quoted(column)))
        if (yield text):
            table.indexes[name] = [column]

    def indexed(self):
        table = self.world.some(lambda t: t.indexes)
        return (table, self.rng.choice(sorted(table.indexes))) if table else (None, None)

    def drop_index(self):
        table, name = self.indexed()
        if table and (yield self.rng.choice(['DROP INDEX %s ON %s' % (name, dotted(table.name)), self.alter(table, 'DROP KEY ' + name)])):
            del table.indexes[name]

    def rename_index(self):
        table, name = self.indexed()
        new = self.world.fresh('ix')
        if table and (yield self.alter(table, 'RENAME INDEX %s TO %s' % (name, new))):
            table.indexes[new] = table.indexes.pop(name)

    def unique(self):
        table = self.world.some(lambda t: t.key and any(c.kind in SHORT for c in t.plain()))
        if table is None:
            return
        column, name = self.rng.choice([c for c in table.plain() if c.kind in SHORT]).name, self.world.fresh('un')
        if (yield self.alter(table, 'ADD UNIQUE %s (%s, `k`)' % (name, quoted(column)))):
            table.indexes[name] = [column]

    def auto_increment(self):
        table = self.world.some(lambda t: t.key)
        if table is None:
            return
        if table.auto and self.chance(0.5):
            yield self.alter(table, 'AUTO_INCREMENT = %d' % self.rng.randint(SPAN, 2 * SPAN))
        elif (yield self.alter(table, 'MODIFY `k` INT NOT NULL' + ('' if table.auto else ' AUTO_INCREMENT'))):
            table.auto = not table.auto

    def charset(self):
        table = self.world.some()
        if table:
            clause = self.rng.choice(['CONVERT TO CHARACTER SET %s', 'DEFAULT CHARACTER SET %s']) % self.rng.choice(['latin1', 'utf8mb4', 'utf8mb4 COLLATE utf8mb4_bin'])
            yield self.alter(table, clause)

    def options(self):
        table = self.world.some()
        if table:
            yield self.alter(table, self.rng.choice(["COMMENT = 'a ; ` comment'", 'ROW_FORMAT = DYNAMIC', 'ENGINE = InnoDB', 'STATS_PERSISTENT = 1']))

    def rebuild(self):
        table = self.world.some()
        if table:
            yield self.rng.choice(['ALTER TABLE %s FORCE', 'OPTIMIZE TABLE %s', 'ANALYZE TABLE %s']) % dotted(table.name)

    def check(self):
        table = self.world.some()
        if table is None:
            return
        if table.checks:
            name = sorted(table.checks)[0]
            if (yield self.alter(table, 'DROP CONSTRAINT ' + name)):
                table.checks.remove(name)
            return
        name = self.world.fresh('ck')
        if (yield self.alter(table, 'ADD CONSTRAINT %s CHECK (`k` > -100000)' % name)) and not self.world.is_mysql:
            table.checks.add(name)

    def primary(self):
        """Away, and to the empty table back again."""
        world = self.world
        table = world.some(lambda t: t.key and not t.auto and not world.is_tied(t))
        if table is None or not (yield self.alter(table, 'DROP PRIMARY KEY')):
            return
        table.key = False
        yield 'TRUNCATE TABLE ' + dotted(table.name)
        if (yield self.alter(table, 'ADD PRIMARY KEY (`k`)')):
            table.key = True

    def foreign_key(self):
        world = self.world
        parent = world.some(lambda t: t.key and not t.bounds)
        child = world.some(lambda t: not t.bounds and t is not parent and any(c.kind == 'int' for c in t.plain()))
        if parent is None or child is None:
            return
        name, column = world.fresh('fk'), self.rng.choice([c for c in child.plain() if c.kind == 'int'])
        if not (yield 'UPDATE %s SET %s = NULL' % (dotted(child.name), quoted(column.name))):
            return
        if (yield self.alter(child, 'ADD CONSTRAINT %s FOREIGN KEY %s (%s) REFERENCES %s (`k`)' % (name, name, quoted(column.name), dotted(parent.name)))):
            child.foreign[name] = parent
            child.indexes[name] = [column.name]

    def drop_foreign_key(self):
        table = self.world.some(lambda t: t.foreign)
        if table is None:
            return
        name = sorted(table.foreign)[0]
        if (yield self.alter(table, 'DROP FOREIGN KEY ' + name)):
            del table.foreign[name]

    def combined(self):
        table = self.world.some(self.droppable)
        column = table and self.world.new_column([c.name for c in table.columns])
        if not column:
            return
        gone = self.rng.choice(self.droppable(table))
        if (yield self.alter(table, "ADD COLUMN (%s), DROP COLUMN %s, COMMENT 'c'" % (column.declared(), quoted(gone.name)))):
            table.columns.append(column)
            table.columns.remove(gone)

    def alter_ignore(self):
        world = self.world
        table = world.some(lambda t: t.key and any(c.kind in SHORT for c in t.plain()) and not t.bounds and not world.is_tied(t))
        if table:
            column, name = self.rng.choice([c for c in table.plain() if c.kind in SHORT]).name, world.fresh('un')
            if (yield 'ALTER IGNORE TABLE %s ADD UNIQUE %s (%s)' % (dotted(table.name), name, quoted(column))):
                table.indexes[name] = [column]

    def evaluated(self):
        """What comes to other values on the target: the table waits to be copied again."""
        world = self.world
        table = world.some(lambda t: not t.waits and not t.bounds and not world.is_tied(t) and t.name[1] != 'parent' and not t.has('n') and not t.has('r'))
        if table is None:
            return
        clause, column = 'ADD COLUMN n INT AUTO_INCREMENT UNIQUE', 'n'
        if not world.is_mysql and self.chance(0.5):
            clause, column = 'ADD COLUMN r VARCHAR(40) DEFAULT (UUID())', 'r'
        elif table.key or table.auto:
            return
        if (yield 'ALTER TABLE %s %s' % (dotted(table.name), clause)):
            table.columns.append(Column(column, 'int', '', ('by itself', '')))
            table.waits = True

    # --- partitions ------------------------------------------------------------------------------

    def ranged(self, fewest=1):
        return self.world.some(lambda t: isinstance(t.bounds, dict) and len(t.bounds) >= fewest and not t.waits)

    def add_partition(self):
        table = self.ranged()
        if table is None:
            return
        name, bound = 'p%d' % table.next_part, max(table.bounds.values()) + 100
        if (yield 'ALTER TABLE %s ADD PARTITION (PARTITION %s VALUES LESS THAN (%d))' % (dotted(table.name), name, bound)):
            table.bounds[name] = bound
            table.next_part += 1

    def drop_partition(self):
        table = self.ranged(2)
        if table:
            name = self.rng.choice(sorted(table.bounds))
            if (yield 'ALTER TABLE %s DROP PARTITION %s' % (dotted(table.name), name)):
                del table.bounds[name]

    def truncate_partition(self):
        table = self.ranged()
        if table:
            yield 'ALTER TABLE %s TRUNCATE PARTITION %s' % (dotted(table.name), self.rng.choice(sorted(table.bounds)))

    def split_partition(self):
        table = self.ranged()
        if table is None:
            return
        old = self.rng.choice(sorted(table.bounds))
        bound = table.bounds[old]
        lowest = max([0] + [b for b in table.bounds.values() if b < bound])
        if bound - lowest < 2:
            return
        new, middle = 'p%d' % table.next_part, (lowest + bound) // 2
        if (yield 'ALTER TABLE %s REORGANIZE PARTITION %s INTO (PARTITION %s VALUES LESS THAN (%d), PARTITION %s VALUES LESS THAN (%d))' % (
                dotted(table.name), old, new, middle, old, bound)):
            table.bounds[new] = middle
            table.next_part += 1

    def hash_partitions(self):
        table = self.world.some(lambda t: isinstance(t.bounds, int) and t.bounds > 1)
        if table is None:
            return
        more = self.chance(0.5)
        if (yield 'ALTER TABLE %s %s' % (dotted(table.name), 'ADD PARTITION PARTITIONS 1' if more else 'COALESCE PARTITION 1')):
            table.bounds += 1 if more else -1

    def partition(self):
        world = self.world
        table = world.some(lambda t: not world.is_tied(t))
        if table is None:
            return
        if table.bounds:
            if (yield 'ALTER TABLE %s REMOVE PARTITIONING' % dotted(table.name)):
                table.bounds = None
        elif (yield 'ALTER TABLE %s PARTITION BY HASH (`k`) PARTITIONS 2' % dotted(table.name)):
            table.bounds = 2

    def exchange(self):
        world, table, name = self.world, self.ranged(), self.world.free_name()
        if table is None or name is None or not world.movable(table) or table.triggers:
            return
        if not (yield 'CREATE TABLE %s LIKE %s' % (dotted(name), dotted(table.name))):
            return
        other = world.tables[name] = world.twin(table, name)
        if not (yield 'ALTER TABLE %s REMOVE PARTITIONING' % dotted(name)):
            return
        other.bounds = None
        part = self.rng.choice(sorted(table.bounds))
        low = max([0] + [b for b in table.bounds.values() if b < table.bounds[part]])
        yield 'DELETE FROM %s WHERE `k` < %d OR `k` >= %d' % (dotted(name), low, table.bounds[part])
        yield 'ALTER TABLE %s EXCHANGE PARTITION %s WITH TABLE %s' % (dotted(table.name), part, dotted(name))

    def convert_partition(self):
        world, table, name = self.world, self.ranged(2), self.world.free_name()
        if table is None or name is None or not world.movable(table):
            return
        part = self.rng.choice(sorted(table.bounds))
        if (yield 'ALTER TABLE %s CONVERT PARTITION %s TO TABLE %s' % (dotted(table.name), part, dotted(name))):
            made = world.tables[name] = world.twin(table, name)
            made.bounds = None
            del table.bounds[part]
            bound = max(table.bounds.values()) + 50
            yield 'DELETE FROM %s WHERE `k` >= %d OR `k` < %d' % (dotted(name), bound, bound - 50)
            part = 'p%d' % table.next_part
            if (yield 'ALTER TABLE %s CONVERT TABLE %s TO PARTITION %s VALUES LESS THAN (%d)' % (dotted(table.name), dotted(name), part, bound)):
                world.forget(made)
                table.bounds[part] = bound
                table.next_part += 1
