"""Statements about views, routines, triggers, events, sequences and databases, made up at random; for random_ddl.py."""
from random_ddl_model import SPAN, dotted


class ObjectStatements:
    def __init__(self, world):
        self.world, self.rng = world, world.rng

    def chance(self, share):
        return self.rng.random() < share

    def view_text(self, name):
        table = self.world.some(lambda t: self.world.movable(t) and t.name[0] == name[0])
        if table is None:
            return None
        return 'VIEW %s AS SELECT a.`k` AS k, %d AS n FROM %s a WHERE a.`k` > %d' % (dotted(name), self.rng.randint(0, 9), dotted(table.name), self.rng.randrange(SPAN))

    def view(self):
        world = self.world
        name = (self.rng.choice(world.databases), 'view_%s' % self.rng.choice('abcd'))
        text = self.view_text(name)
        if text and (yield 'CREATE %s%s' % ('OR REPLACE ' if name in world.views else self.rng.choice(['', 'OR REPLACE ']), text)):
            world.views[name] = True

    def alter_view(self):
        if self.world.views:
            text = self.view_text(self.rng.choice(sorted(self.world.views)))
            if text:
                yield 'ALTER ' + text

    def drop_view(self):
        views = self.world.views
        if len(views) > 1:
            names = self.rng.sample(sorted(views), 2)
            if (yield 'DROP VIEW IF EXISTS %s, %s, plain.no_view' % tuple(map(dotted, names))):
                for name in names:
                    del views[name]

    def rename_view(self):
        views = self.world.views
        if views:
            old = self.rng.choice(sorted(views))
            new = (old[0], self.world.fresh('view_'))
            if (yield 'RENAME TABLE %s TO %s' % (dotted(old), dotted(new))):
                views[new] = views.pop(old)

    def routine(self):
        world = self.world
        database, kind = self.rng.choice(world.databases), self.rng.choice(['FUNCTION', 'PROCEDURE'])
        name = (database, 'r_%s' % self.rng.choice('abc'))
        text = 'CREATE FUNCTION %s(a INT) RETURNS INT DETERMINISTIC RETURN a + %d' % (dotted(name), self.rng.randint(0, 9))
        if kind == 'PROCEDURE':
            text = "CREATE PROCEDURE %s(a INT) INSERT INTO plain.audit (what, k) VALUES ('called', a)" % dotted(name)
        key = (kind,) + name
        if key in world.routines:
            if world.is_mysql or self.chance(0.3):
                yield "ALTER %s %s COMMENT 'altered'" % (kind, dotted(name))
                return
            text = text.replace('CREATE', 'CREATE OR REPLACE', 1)
        if (yield text):
            world.routines[key] = True

    def drop_routine(self):
        routines = self.world.routines
        if routines:
            key = self.rng.choice(sorted(routines))
            if (yield 'DROP %s %s' % (key[0], dotted(key[1:]))):
                del routines[key]

    def trigger(self):
        world = self.world
        table = world.some(world.movable)
        if table is None:
            return
        name = (table.name[0], world.fresh('tr'))
        texts = ["%s INSERT ON %s FOR EACH ROW SET NEW.`k` = NEW.`k` + 1" % (self.rng.choice(['BEFORE']), dotted(table.name))]
        if table.name[0] == 'plain':
            texts += ["AFTER %s ON %s FOR EACH ROW INSERT INTO plain.audit (what, k) VALUES ('%s', %s.`k`)" % (verb, dotted(table.name), verb, row)
                      for verb, row in (('INSERT', 'NEW'), ('UPDATE', 'OLD'), ('DELETE', 'OLD'))]
        if (yield 'CREATE TRIGGER %s %s' % (dotted(name), self.rng.choice(texts))):
            world.triggers[name] = table
            table.triggers.add(name)

    def drop_trigger(self):
        triggers = self.world.triggers
        if triggers:
            name = self.rng.choice(sorted(triggers))
            if (yield 'DROP TRIGGER ' + dotted(name)):
                triggers.pop(name).triggers.discard(name)

    def event(self):
        name = (self.rng.choice(self.world.databases), self.world.fresh('ev'))
        if (yield "CREATE EVENT %s ON SCHEDULE EVERY %d DAY STARTS '2035-01-01 00:00:00' DO SET @x = 1" % (dotted(name), self.rng.randint(1, 9))):
            self.world.events[name] = True

    def alter_event(self):
        events = self.world.events
        if events:
            name = self.rng.choice(sorted(events))
            new = (name[0], self.world.fresh('ev'))
            if self.chance(0.5):
                yield "ALTER EVENT %s ON SCHEDULE EVERY %d HOUR STARTS '2036-01-01 00:00:00' COMMENT 'c'" % (dotted(name), self.rng.randint(1, 9))
            elif (yield 'ALTER EVENT %s RENAME TO %s' % (dotted(name), dotted(new))):
                events[new] = events.pop(name)

    def drop_event(self):
        events = self.world.events
        if events:
            name = self.rng.choice(sorted(events))
            if (yield 'DROP EVENT ' + dotted(name)):
                del events[name]

    def sequence(self):
        name = (self.rng.choice(self.world.databases), self.world.fresh('seq_'))
        if (yield 'CREATE SEQUENCE %s START WITH %d INCREMENT BY %d CACHE 5' % (dotted(name), self.rng.randint(1, 99), self.rng.randint(1, 5))):
            self.world.sequences[name] = True

    def alter_sequence(self):
        sequences = self.world.sequences
        if sequences:
            name = self.rng.choice(sorted(sequences))
            yield self.rng.choice(['ALTER SEQUENCE %s INCREMENT BY 3', 'ALTER SEQUENCE %s RESTART 500', 'DO SETVAL(%s, 700)']) % dotted(name)

    def drop_sequence(self):
        sequences = self.world.sequences
        if sequences:
            name = self.rng.choice(sorted(sequences))
            new = (name[0], self.world.fresh('seq_'))
            if self.chance(0.5):
                if (yield 'DROP SEQUENCE ' + dotted(name)):
                    del sequences[name]
            elif (yield 'RENAME TABLE %s TO %s' % (dotted(name), dotted(new))):
                sequences[new] = sequences.pop(name)

    def database(self):
        world = self.world
        able = [d for d in ['late_1', 'late_2', 'late_3', 'late_4'] if d not in world.databases]
        if able:
            name = self.rng.choice(able)
            if (yield 'CREATE DATABASE %s CHARACTER SET %s' % (name, self.rng.choice(['utf8mb4', 'latin1']))):
                world.databases.append(name)

    def alter_database(self):
        yield 'ALTER DATABASE %s CHARACTER SET %s' % (self.rng.choice(self.world.databases), self.rng.choice(['utf8mb4', 'latin1', 'utf8mb4 COLLATE utf8mb4_bin']))

    def drop_database(self):
        world = self.world
        able = [d for d in world.databases if d.startswith('late')]
        if not able or not self.chance(0.5):
            return
        name = self.rng.choice(able)
        # Else it would drop some tables, and fail.
        if any(parent.name[0] == name != child.name[0] for child in world.tables.values() for parent in child.foreign.values()):
            return
        if (yield 'DROP DATABASE ' + name):
            world.databases.remove(name)
            for table in [t for t in world.tables.values() if t.name[0] == name]:
                world.forget(table)
            for objects in (world.views, world.events, world.sequences):
                for key in [k for k in objects if k[0] == name]:
                    del objects[key]
            for key in [k for k in world.routines if k[1] == name]:
                del world.routines[key]
