-- What types.sql does not have: other forms of events and transactions of MariaDB. recorded_test.sh
-- compares what the decoder makes of them with mariadb-binlog.
CREATE DATABASE more CHARACTER SET utf8mb4;
USE more;
SET sql_mode = '', time_zone = '+03:00';
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(100), c DECIMAL(12, 4), d TIME(6), e BLOB) ENGINE=InnoDB;
CREATE TABLE m (id INT, b VARCHAR(20)) ENGINE=MyISAM;
CREATE TABLE wide (id INT PRIMARY KEY, big LONGTEXT, small TINYINT UNSIGNED);

-- One event of many rows, many events of one statement, and large rows.
INSERT INTO t (a, b, c, d, e) SELECT seq, REPEAT(CHAR(64 + seq % 60), seq % 100), seq / 7 - 1000, SEC_TO_TIME(seq / 3 - 500), UNHEX(MD5(seq)) FROM seq_1_to_3000;
UPDATE t SET c = -c, b = REVERSE(b) WHERE id % 3;
DELETE FROM t WHERE id % 5 = 0 ORDER BY id DESC;
INSERT INTO wide VALUES (1, REPEAT('0123456789abcdef', 600000), 255), (2, '', 0), (3, NULL, NULL);
UPDATE wide SET small = 128;

-- Savepoints whose rows stay in the log because of the other engine.
BEGIN;
INSERT INTO t VALUES (100001, 1, 'kept', 1, '-00:00:00.5', '');
SAVEPOINT one;
INSERT INTO t VALUES (100002, 2, 'undone', 1, '00:00:00', '');
SAVEPOINT `two ``quoted`;
INSERT INTO m VALUES (1, 'not transactional');
INSERT INTO t VALUES (100003, 3, 'undone', 1, '00:00:00', '');
ROLLBACK TO `two ``quoted`;
INSERT INTO t VALUES (100004, 4, 'undone, too', 1, '00:00:00', '');
ROLLBACK TO ONE;
INSERT INTO t VALUES (100005, 5, 'kept', 1, '-838:59:59', '');
RELEASE SAVEPOINT one;
COMMIT;
BEGIN;
INSERT INTO m VALUES (2, 'stays');
INSERT INTO t VALUES (100006, 6, 'rolled back', 1, '00:00:00', '');
ROLLBACK;

-- Two-phase transactions: committed, rolled back, in one phase, empty, with another format number.
XA START 'a', 'branch'; INSERT INTO t VALUES (200001, 1, 'xa', 1, NULL, NULL); UPDATE t SET a = 2 WHERE id = 200001; XA END 'a', 'branch';
XA PREPARE 'a', 'branch'; XA COMMIT 'a', 'branch';
XA START x'00ff', x'27', 77; DELETE FROM t WHERE id < 20; XA END x'00ff', x'27', 77; XA PREPARE x'00ff', x'27', 77; XA ROLLBACK x'00ff', x'27', 77;
XA START 'one'; INSERT INTO t VALUES (200002, 2, 'one phase', 1, NULL, NULL); XA END 'one'; XA COMMIT 'one' ONE PHASE;
XA START 'empty'; XA END 'empty'; XA PREPARE 'empty'; XA COMMIT 'empty';

-- Statements that write rows of several tables, or definitions and rows.
CREATE TABLE t2 (PRIMARY KEY (id)) AS SELECT id, a, c FROM t WHERE id < 50;
UPDATE t JOIN t2 USING (id) SET t.a = t2.a + 1, t2.c = 0.0001 WHERE id < 30;
DELETE t, t2 FROM t JOIN t2 USING (id) WHERE id < 10;
REPLACE INTO t2 SELECT id, 7, 7 FROM t WHERE id BETWEEN 20 AND 40;
INSERT INTO t2 VALUES (20, 1, 1), (1000, 1, 1) ON DUPLICATE KEY UPDATE a = 99;
ALTER TABLE t2 ADD x BIGINT UNSIGNED DEFAULT 18446744073709551615 FIRST, DROP c;
UPDATE t2 SET a = NULL LIMIT 5;
TRUNCATE t2;
INSERT INTO t2 (id) VALUES (1);
CREATE TABLE parts (id INT, v VARCHAR(10)) PARTITION BY HASH (id) PARTITIONS 3;
INSERT INTO parts SELECT seq, seq FROM seq_1_to_9; UPDATE parts SET id = id + 1; DELETE FROM parts WHERE id = 5;
CREATE TABLE versions (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING;
INSERT INTO versions VALUES (1, 1), (2, 2); UPDATE versions SET v = 3; DELETE FROM versions WHERE id = 1;
CREATE SEQUENCE numbers_ START WITH 5; SELECT NEXTVAL(numbers_) FROM seq_1_to_3;
CREATE TABLE many (c0 INT); 
SET @columns = (SELECT GROUP_CONCAT('ADD c', seq, ' TINYINT UNSIGNED') FROM seq_1_to_300);
EXECUTE IMMEDIATE CONCAT('ALTER TABLE many ', @columns);
INSERT INTO many (c0, c7, c8, c299, c300) VALUES (-1, 0, 255, 1, 2), (NULL, NULL, NULL, NULL, NULL);

-- Times as before MySQL 5.6.
SET GLOBAL mysql56_temporal_format = OFF;
CREATE TABLE old (id INT, d DATE, t TIME, dt DATETIME, ts TIMESTAMP NULL);
INSERT INTO old VALUES (1, '2024-02-29', '-838:59:59', '9999-12-31 23:59:59', '2038-01-19 06:14:07'),
  (2, '0000-00-00', '00:00:00', '0000-00-00', '0000-00-00'), (3, NULL, '838:59:59', '1000-01-01 00:00:01', '2001-09-09 04:46:40');
SET GLOBAL mysql56_temporal_format = DEFAULT;

-- Compressed events; then the other amounts of metadata.
SET GLOBAL log_bin_compress = ON, GLOBAL log_bin_compress_min_len = 10;
FLUSH BINARY LOGS;
INSERT INTO wide VALUES (4, REPEAT('compressed', 100000), 200); UPDATE wide SET small = 201 WHERE id = 4; DELETE FROM wide WHERE id = 4;
INSERT INTO t (a, b) SELECT seq, REPEAT('b', 90) FROM seq_1_to_1000;
XA START 'c'; DELETE FROM t WHERE b = REPEAT('b', 90); XA END 'c'; XA PREPARE 'c'; XA COMMIT 'c';
ALTER TABLE t COMMENT 'a statement that is long enough to be compressed, too';
SET GLOBAL log_bin_compress = OFF;
SET GLOBAL binlog_row_metadata = MINIMAL; FLUSH BINARY LOGS;
UPDATE wide SET small = 254 WHERE id < 3; UPDATE t SET c = c + 1 WHERE id < 100;
SET GLOBAL binlog_row_metadata = NO_LOG; FLUSH BINARY LOGS;
UPDATE wide SET small = 127 WHERE id < 3; UPDATE t SET c = c - 1 WHERE id < 100;
SET GLOBAL binlog_row_metadata = FULL;
