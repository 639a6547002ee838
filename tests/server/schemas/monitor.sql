-- A monitoring system: partitions of every kind, large counters, names of 0 length in JSON, views on views.
CREATE DATABASE monitor CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE monitor;
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';

CREATE TABLE hosts (
  hostid bigint unsigned NOT NULL PRIMARY KEY, proxy bigint unsigned DEFAULT NULL, host varchar(128) NOT NULL DEFAULT '', status int NOT NULL DEFAULT '0',
  uuid varchar(32) NOT NULL DEFAULT '', name_upper varchar(128) GENERATED ALWAYS AS (upper(host)) VIRTUAL, address varbinary(16) DEFAULT x'7f000001',
  UNIQUE KEY host (host), KEY hosts_upper (name_upper), KEY status (status),
  CONSTRAINT c_hosts_1 FOREIGN KEY (proxy) REFERENCES hosts (hostid)
) COLLATE=utf8mb4_bin;
CREATE TABLE items (
  itemid bigint unsigned NOT NULL PRIMARY KEY, hostid bigint unsigned NOT NULL, `key_` varchar(2048) NOT NULL DEFAULT '', delay varchar(1024) NOT NULL DEFAULT '0',
  value_type int NOT NULL DEFAULT '0', params text NOT NULL, template bigint unsigned DEFAULT NULL, posts longtext COLLATE utf8mb4_general_ci,
  tags json DEFAULT (json_array()), first_tag varchar(40) GENERATED ALWAYS AS (json_unquote(json_extract(tags, '$[0]'))) STORED,
  KEY items_1 (hostid, `key_`(764)), KEY items_2 (status_of), KEY items_3 (first_tag), status_of tinyint AS (value_type % 5) VIRTUAL,
  CONSTRAINT c_items_1 FOREIGN KEY (hostid) REFERENCES hosts (hostid), CONSTRAINT c_items_2 FOREIGN KEY (template) REFERENCES items (itemid)
);
CREATE TABLE triggers (triggerid bigint unsigned NOT NULL PRIMARY KEY, expression varchar(2048) NOT NULL DEFAULT '', url varchar(255) CHARACTER SET ascii NOT NULL DEFAULT '',
  priority enum('not classified','information','warning','average','high','disaster') NOT NULL DEFAULT 'not classified', value int NOT NULL DEFAULT '0', lastchange int NOT NULL DEFAULT '0');
CREATE TABLE functions (functionid bigint unsigned NOT NULL PRIMARY KEY, itemid bigint unsigned NOT NULL, triggerid bigint unsigned NOT NULL, name varchar(12) NOT NULL DEFAULT '',
  parameter varchar(255) NOT NULL DEFAULT '0', KEY functions_2 (itemid, name, parameter),
  CONSTRAINT c_functions_1 FOREIGN KEY (itemid) REFERENCES items (itemid), CONSTRAINT c_functions_2 FOREIGN KEY (triggerid) REFERENCES triggers (triggerid));
CREATE TABLE events (eventid bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, source int NOT NULL DEFAULT '0', clock int NOT NULL DEFAULT '0', ns int NOT NULL DEFAULT '0',
  UNIQUE KEY events_1 (source, clock DESC, ns DESC, eventid)) AUTO_INCREMENT=9007199254740993;

CREATE TABLE history (itemid bigint unsigned NOT NULL, clock int NOT NULL DEFAULT '0', value double NOT NULL DEFAULT '0', ns int NOT NULL DEFAULT '0', PRIMARY KEY (itemid, clock, ns))
  PARTITION BY RANGE (clock) (PARTITION p2020 VALUES LESS THAN (1577836800) COMMENT = 'it''s "old"', PARTITION `p 2021` VALUES LESS THAN (1609459200) MAX_ROWS = 5, PARTITION `select` VALUES LESS THAN MAXVALUE);
CREATE TABLE history_uint LIKE history;
CREATE TABLE history_str (itemid bigint unsigned NOT NULL, clock datetime NOT NULL, value varchar(255) NOT NULL DEFAULT '', KEY history_str_1 (itemid, clock))
  PARTITION BY RANGE COLUMNS (clock) (PARTITION a VALUES LESS THAN ('2020-01-01 00:00:00'), PARTITION b VALUES LESS THAN ('2030-01-01 00:00:00'), PARTITION c VALUES LESS THAN (MAXVALUE));
CREATE TABLE history_log (id bigint unsigned NOT NULL, day date NOT NULL, value text NOT NULL, PRIMARY KEY (id, day))
  PARTITION BY RANGE (to_days(day)) SUBPARTITION BY HASH (id) SUBPARTITIONS 3 (PARTITION p0 VALUES LESS THAN (737791), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE history_ts (id int NOT NULL, at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, v int, PRIMARY KEY (id, at))
  PARTITION BY RANGE (unix_timestamp(at)) (PARTITION p0 VALUES LESS THAN (1), PARTITION p1 VALUES LESS THAN (1600000000), PARTITION p2 VALUES LESS THAN MAXVALUE);
CREATE TABLE trends (itemid bigint unsigned NOT NULL, clock int NOT NULL DEFAULT '0', num int NOT NULL DEFAULT '0', value_min double NOT NULL DEFAULT '0', PRIMARY KEY (itemid, clock))
  PARTITION BY HASH (itemid) PARTITIONS 4;
CREATE TABLE trends_linear (itemid int NOT NULL PRIMARY KEY, n int) PARTITION BY LINEAR HASH (itemid) (PARTITION h0, PARTITION h1 COMMENT 'second', PARTITION h2);
CREATE TABLE trends_key (host varchar(20) COLLATE utf8mb4_unicode_ci NOT NULL, metric varbinary(20) NOT NULL, n int, PRIMARY KEY (host, metric)) PARTITION BY KEY (metric, host) PARTITIONS 3;
CREATE TABLE trends_primary (id int PRIMARY KEY) PARTITION BY KEY () PARTITIONS 2;
CREATE TABLE trends_linear_key (id int, v varchar(5)) PARTITION BY LINEAR KEY (id) PARTITIONS 5;
CREATE TABLE zones (id int NOT NULL, zone int, KEY (id)) PARTITION BY LIST (zone) (PARTITION inner_ VALUES IN (1, 2, 3), PARTITION outer_ VALUES IN (4, 5, 6, NULL, -6), PARTITION more VALUES IN (7, 8, 9));
CREATE TABLE countries (code varchar(3) COLLATE utf8mb4_unicode_ci NOT NULL, n int NOT NULL, PRIMARY KEY (code, n))
  PARTITION BY LIST COLUMNS (n, code) (PARTITION p VALUES IN ((1, '1é'), (2, '2é'), (3, '3é'), (4, '4é')), PARTITION `q'` VALUES IN ((5, '5é'), (6, '6é'), (7, 'it'''), (8, '\\')));
CREATE TABLE listed (code char(3) CHARACTER SET latin1 NOT NULL PRIMARY KEY) PARTITION BY LIST COLUMNS (code) (PARTITION p VALUES IN ('1é', '2é', '3é'), PARTITION q VALUES IN ('4é', '5é', '6é'));
CREATE TABLE ranged (a int NOT NULL, b varchar(10) CHARACTER SET latin1 NOT NULL, c date) PARTITION BY RANGE COLUMNS (a, b)
  (PARTITION p0 VALUES LESS THAN (2, 'm'), PARTITION p1 VALUES LESS THAN (4, MAXVALUE), PARTITION p2 VALUES LESS THAN (MAXVALUE, MAXVALUE));
CREATE TABLE config (id int NOT NULL PRIMARY KEY, `key` varchar(50) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL, value text, UNIQUE KEY (`key`), changed timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6))
  STATS_PERSISTENT=0 COMMENT='partition by hash (id)';

CREATE VIEW z_open AS SELECT t.triggerid, t.priority, i.hostid FROM triggers t JOIN functions f ON f.triggerid = t.triggerid JOIN items i ON i.itemid = f.itemid WHERE t.value = 1;
CREATE VIEW m_hosts AS SELECT h.hostid, h.host, z.priority FROM hosts h LEFT JOIN z_open z ON z.hostid = h.hostid;
CREATE VIEW a_worst AS SELECT host, MAX(priority + 0) AS worst, (SELECT COUNT(*) FROM z_open) AS `all` FROM m_hosts GROUP BY host;
DELIMITER //
CREATE PROCEDURE housekeep(days int) MODIFIES SQL DATA
BEGIN
  DECLARE done int DEFAULT 0; DECLARE n bigint;
  DECLARE c CURSOR FOR SELECT itemid FROM items; DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
  OPEN c;
  l: LOOP FETCH c INTO n; IF done THEN LEAVE l; END IF; DELETE FROM history WHERE itemid = n AND clock < unix_timestamp() - 86400 * days; END LOOP;
  CLOSE c;
END//
CREATE TRIGGER hosts_insert AFTER INSERT ON hosts FOR EACH ROW INSERT INTO trends_linear_key VALUES (NEW.hostid, LEFT(NEW.host, 5)) -- said
//
CREATE TRIGGER hosts_update AFTER UPDATE ON hosts FOR EACH ROW BEGIN IF OLD.host <> NEW.host THEN INSERT INTO trends_linear_key VALUES (OLD.hostid, 'u'); END IF; END//
DELIMITER ;
