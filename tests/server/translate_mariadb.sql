-- Tables of MariaDB that MySQL can hold. For translate_test.sh.
-- In "odd" is what looks otherwise on the other side.
CREATE DATABASE shop COLLATE utf8mb4_general_ci;
CREATE DATABASE odd;
USE shop;
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';

CREATE TABLE every_type (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  padded int(5) zerofill, flag tinyint(1), small smallint unsigned, medium mediumint DEFAULT -5, big bigint unsigned,
  exact decimal(65,30) DEFAULT 1.5, low decimal(5,0) unsigned, f float DEFAULT 1.25, f2 float(7,3), d double DEFAULT 1e300, d2 double(10,2) unsigned,
  bits bit(17) DEFAULT b'101', y year DEFAULT 2001, dt date DEFAULT '2020-02-29', t time(6) DEFAULT '01:02:03', dtm datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  ts timestamp NULL DEFAULT current_timestamp(), ts2 timestamp(6) NOT NULL DEFAULT '2020-01-01 00:00:00', dn datetime DEFAULT now(), today date DEFAULT curdate(),
  c char(3), vc varchar(20) CHARACTER SET latin1 DEFAULT 'é', unicode varchar(9) COLLATE utf8mb4_unicode_ci, binary_ varchar(9) COLLATE utf8mb4_bin,
  old varchar(9) CHARACTER SET utf8mb3, wide varchar(9) CHARACTER SET utf16, ucs varchar(9) CHARACTER SET ucs2 COLLATE ucs2_bin,
  vb varbinary(10) DEFAULT 0x41ff, bi binary(4) DEFAULT 'ab', tt tinytext DEFAULT 'it''s', tx text, mt mediumtext, lt longtext CHARACTER SET ucs2,
  tb tinyblob DEFAULT 0x41ff, bl blob, mb mediumblob, lb longblob,
  e enum('a','😀','?x','it''s \\') DEFAULT '😀', s set('x','ÿ','😀') DEFAULT 'x,😀', el enum('é') CHARACTER SET latin1,
  smile varchar(9) DEFAULT '😀?', j json, jn json NOT NULL DEFAULT '[]', g geometry, p point REF_SYSTEM_ID=4326, l linestring, po polygon, gc geometrycollection,
  packed varchar(99) COMPRESSED, hidden int INVISIBLE DEFAULT 7, `sel``ect` int COMMENT 'it''s \\ "x"'
) COMMENT='it''s' AUTO_INCREMENT=100 PAGE_COMPRESSED=0;
INSERT INTO every_type (id, big, exact, f, d, bits, dt, t, ts2, c, vc, wide, e, s, smile, j, jn, g, p, packed, hidden) VALUES
  (1, 18446744073709551615, -12345678901234567890.123456789, 1.1, -1e-300, b'11111111111111111', '0001-01-01', '-838:59:59', '2038-01-19 03:14:07.5', 'ß😀', 'ÿ', '😀', '😀', 'x,😀', '''\\', '{"b": [1, 2.50, null],  "a": "😀\\u0001", "a": 1}', '[]', ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('POINT(1 2)', 4326), REPEAT('x', 99), NULL),
  (2, 0, 0, 0, 0, b'0', NULL, NULL, '1970-01-01 00:00:01', '', '', '', 'it''s \\', '', '', NULL, '"x"', NULL, NULL, '', 5);

CREATE TABLE computed (
  id int PRIMARY KEY, a int CHECK (a > 0), b varchar(20),
  v int GENERATED ALWAYS AS (a + 1) VIRTUAL, st varchar(40) AS (concat(b, '''\\')) PERSISTENT,
  u varchar(36) DEFAULT uuid(), tx text DEFAULT 'abc', two int DEFAULT (1 + 1), three varchar(50) DEFAULT concat('a', 1),
  KEY v (v), CHECK (a < 100), CONSTRAINT named CHECK (b <> 'x')
);
INSERT INTO computed (id, a, b) VALUES (1, 2, 'b'), (2, 3, NULL);
CREATE TABLE computed_too (id int PRIMARY KEY, a int, CHECK (a < 100));
INSERT INTO computed_too VALUES (1, 1);

CREATE TABLE every_key (
  a int NOT NULL, b int NOT NULL, c varchar(30) NOT NULL, d text, p point NOT NULL,
  UNIQUE KEY second_ (b), UNIQUE KEY first_ (c, a), KEY down (a DESC, b), KEY part (c(3), d(5)),
  FULLTEXT KEY words (d), SPATIAL KEY place (p), KEY told (a) USING BTREE COMMENT 'it''s'
) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 STATS_PERSISTENT=1 STATS_SAMPLE_PAGES=5 MAX_ROWS=100;
INSERT INTO every_key VALUES (1, 1, 'a', 'some words', POINT(1, 1)), (1, 2, 'b', 'more words', POINT(2, 1));

CREATE TABLE keyless (a int, b varchar(10), c json);
INSERT INTO keyless VALUES (1, 'a', '{}'), (1, 'a', '{}'), (NULL, NULL, NULL);
CREATE TABLE parent (id int PRIMARY KEY, code int, UNIQUE KEY code (code));
CREATE TABLE child (id int PRIMARY KEY, parent int, code int, CONSTRAINT p FOREIGN KEY (parent) REFERENCES parent (id));
INSERT INTO parent VALUES (1, 10), (2, 20);
INSERT INTO child VALUES (1, 1, 10), (2, 2, NULL);
CREATE TABLE parts (id int, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2
  (PARTITION p0 VALUES LESS THAN (2000) COMMENT 'it''s', PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1, '1999-01-01'), (2, '2020-01-01');
CREATE TABLE three_bytes (a varchar(5) COLLATE utf8mb3_unicode_ci PRIMARY KEY, b varchar(5)) CHARSET=utf8mb3 ENGINE=MyISAM CHECKSUM=1;
INSERT INTO three_bytes VALUES ('é', 'x');

CREATE TABLE odd.t (
  id int PRIMARY KEY, exactly varchar(9) COLLATE utf8mb4_nopad_bin, nopad varchar(9) COLLATE utf8mb4_unicode_520_nopad_ci,
  c varchar(9) COLLATE utf8mb3_general_nopad_ci, d longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`d`)), UNIQUE KEY exactly (exactly)
);
INSERT INTO odd.t VALUES (1, 'a', 'é', 'ü', '{"a" : 1}'), (2, 'a ', 'e', NULL, NULL), (3, 'A', '', 'x', '[]');
