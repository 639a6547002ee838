-- Tables of MySQL that MariaDB can hold. For translate_test.sh.
-- In "odd" is what looks otherwise on the other side.
CREATE DATABASE shop COLLATE utf8mb4_0900_ai_ci;
CREATE DATABASE odd;
USE shop;
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';

CREATE TABLE every_type (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  padded int(5) zerofill, flag tinyint(1), small smallint unsigned, medium mediumint DEFAULT -5, big bigint unsigned,
  exact decimal(65,30) DEFAULT 1.5, low decimal(5,0) unsigned, f float, f2 float(7,3), d double DEFAULT 1e300, d2 double(10,2) unsigned,
  bits bit(17) DEFAULT b'101', y year DEFAULT 2001, dt date DEFAULT '2020-02-29', t time(6), dtm datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  ts timestamp NULL DEFAULT CURRENT_TIMESTAMP, ts2 timestamp(6) NOT NULL DEFAULT '2020-01-01 00:00:00', ts3 timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  c char(3), vc varchar(20) CHARACTER SET latin1 DEFAULT 'é', general varchar(9) COLLATE utf8mb4_general_ci, binary_ varchar(9) COLLATE utf8mb4_bin,
  old varchar(9) CHARACTER SET utf8mb3, wide varchar(9) CHARACTER SET utf16, ucs varchar(9) CHARACTER SET ucs2 COLLATE ucs2_bin,
  vb varbinary(10) DEFAULT 0x41ff, bi binary(4) DEFAULT 'ab', tt tinytext, tx text, mt mediumtext, lt longtext CHARACTER SET ucs2,
  tb tinyblob, bl blob, mb mediumblob, lb longblob,
  e enum('a','😀','?x','it''s \\') DEFAULT '😀', s set('x','ÿ','😀') DEFAULT 'x,😀', el enum('é') CHARACTER SET latin1,
  smile varchar(9) DEFAULT '😀?', j json, jn json NOT NULL, g geometry, p point SRID 4326, l linestring, po polygon, gc geometrycollection,
  hidden int DEFAULT 7 INVISIBLE, `sel``ect` int COMMENT 'it''s \\ "x"'
) COMMENT='it''s' AUTO_INCREMENT=100;
INSERT INTO every_type (id, big, exact, f, d, bits, dt, t, ts2, c, vc, wide, e, s, smile, j, jn, g, p, hidden) VALUES
  (1, 18446744073709551615, -12345678901234567890.123456789, 1.1, -1e-300, b'11111111111111111', '0001-01-01', '-838:59:59', '2038-01-19 03:14:07.5', 'ß😀', 'ÿ', '😀', '😀', 'x,😀', '''\\', '{"b": [1, 2.50, null], "a": "😀\\u0001"}', '[]', ST_GeomFromText('POINT(1 2)'), ST_SRID(POINT(1, 2), 4326), NULL),
  (2, 0, 0, 0, 0, b'0', NULL, NULL, '1970-01-01 00:00:01', '', '', '', 'it''s \\', '', '', NULL, '"x"', NULL, NULL, 5);

CREATE TABLE computed (
  id int PRIMARY KEY, a int, b varchar(20),
  v int GENERATED ALWAYS AS (a + 1) VIRTUAL, st varchar(40) GENERATED ALWAYS AS (concat(b, '''\\')) STORED,
  u varchar(36) DEFAULT (uuid()), je json DEFAULT (json_array(1, 'x')), tx text DEFAULT ('abc'), two int DEFAULT (1 + 1),
  KEY v (v), CHECK (a > 0), CONSTRAINT named CHECK (b <> 'x') NOT ENFORCED
);
INSERT INTO computed (id, a, b) VALUES (1, 2, 'b'), (2, 3, NULL);

CREATE TABLE every_key (
  a int NOT NULL, b int NOT NULL, c varchar(30) NOT NULL, d text, p point NOT NULL SRID 0,
  UNIQUE KEY second_ (b), UNIQUE KEY first_ (c, a), KEY down (a DESC, b), KEY unseen (b) INVISIBLE, KEY part (c(3), d(5)),
  FULLTEXT KEY words (d), SPATIAL KEY place (p), KEY told (a) USING BTREE COMMENT 'it''s'
) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 STATS_PERSISTENT=1 STATS_SAMPLE_PAGES=5 MAX_ROWS=100;
INSERT INTO every_key VALUES (1, 1, 'a', 'some words', POINT(1, 1)), (1, 2, 'b', 'more words', POINT(2, 1));

CREATE TABLE keyless (a int, b varchar(10), c json);
INSERT INTO keyless VALUES (1, 'a', '{}'), (1, 'a', '{}'), (NULL, NULL, NULL);
CREATE TABLE parent (id int PRIMARY KEY, code int, UNIQUE KEY code (code));
CREATE TABLE child (id int PRIMARY KEY, parent int, code int, CONSTRAINT p FOREIGN KEY (parent) REFERENCES parent (id),
  FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL ON UPDATE CASCADE);
INSERT INTO parent VALUES (1, 10), (2, 20);
INSERT INTO child VALUES (1, 1, 10), (2, 2, NULL);
CREATE TABLE parts (id int, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2
  (PARTITION p0 VALUES LESS THAN (2000) COMMENT 'it''s', PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1, '1999-01-01'), (2, '2020-01-01');
CREATE TABLE three_bytes (a varchar(5) COLLATE utf8mb3_unicode_ci PRIMARY KEY, b varchar(5)) CHARSET=utf8mb3 ENGINE=MyISAM;
INSERT INTO three_bytes VALUES ('é', 'x');

CREATE TABLE odd.t (
  id int PRIMARY KEY, exactly varchar(9) COLLATE utf8mb4_0900_bin, accented varchar(9) COLLATE utf8mb4_0900_as_cs,
  german varchar(9) COLLATE utf8mb4_de_pb_0900_ai_ci, ts timestamp NOT NULL, n int GENERATED ALWAYS AS (id * 2) VIRTUAL NOT NULL, UNIQUE KEY exactly (exactly)
);
INSERT INTO odd.t (id, exactly, accented, german, ts) VALUES (1, 'a', 'é', 'ü', now()), (2, 'a ', 'e', NULL, '2001-01-01'), (3, 'A', '', '😀', '2002-02-02');
