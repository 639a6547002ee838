-- Every kind of column, key and object that MySQL has and init-schema carries. For mysql_schema_test.sh.
CREATE DATABASE shop COLLATE utf8mb4_0900_ai_ci;
USE shop;
SET sql_mode = '';

CREATE TABLE every_type (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  padded int(5) zerofill, flag tinyint(1), small smallint unsigned, medium mediumint, big bigint unsigned,
  exact decimal(65,30), low decimal(5,0) unsigned, f float, f2 float(7,3), d double, d2 double(10,2) unsigned,
  bits bit(17) DEFAULT b'101', y year, dt date, t time(6), dtm datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  ts timestamp NULL DEFAULT CURRENT_TIMESTAMP, ts2 timestamp(6) NOT NULL, ts3 timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  c char(3), vc varchar(20) CHARACTER SET latin1, general varchar(9) COLLATE utf8mb4_general_ci, exactly varchar(9) COLLATE utf8mb4_0900_bin,
  old varchar(9) CHARACTER SET utf8mb3, chinese varchar(9) CHARACTER SET gb18030, wide varchar(9) CHARACTER SET utf16,
  vb varbinary(10) DEFAULT 0x41ff, bi binary(4) DEFAULT 'ab', tt tinytext, tx text, mt mediumtext, lt longtext CHARACTER SET ucs2,
  tb tinyblob, bl blob, mb mediumblob, lb longblob,
  e enum('a','😀','?x','it''s \\') DEFAULT '😀', s set('x','ÿ','😀') DEFAULT 'x,😀', el enum('é') CHARACTER SET latin1,
  smile varchar(9) DEFAULT '😀?', j json, g geometry, p point SRID 4326, l linestring, po polygon, mp multipoint, ml multilinestring,
  mpo multipolygon, gc geometrycollection, vec vector(3), hidden int DEFAULT 7 INVISIBLE, `sel``ect` int COMMENT 'it''s \\ "x"'
) COMMENT='it''s' AUTO_INCREMENT=100;

CREATE TABLE computed (
  id int PRIMARY KEY, a int, b varchar(20), j json,
  v int GENERATED ALWAYS AS (a + 1) VIRTUAL, st varchar(40) GENERATED ALWAYS AS (concat(b, '😀''\\')) STORED NOT NULL,
  u varchar(36) DEFAULT (uuid()), je json DEFAULT (json_array(1, '😀')), tx text DEFAULT ('abc'), n int DEFAULT (a * 2),
  UNIQUE KEY v (v), UNIQUE KEY by_expression ((a % 10), b(5)), KEY lowered ((lower(b)), a DESC),
  KEY members ((CAST(j->'$.a' AS unsigned ARRAY))), CHECK (a > 0), CONSTRAINT named CHECK (b <> '😀') NOT ENFORCED
);

CREATE TABLE every_key (
  a int NOT NULL, b int NOT NULL, c varchar(30) NOT NULL, d text, p point NOT NULL SRID 0,
  UNIQUE KEY second_ (b), UNIQUE KEY first_ (c, a), KEY down (a DESC, b), KEY unseen (b) INVISIBLE, KEY part (c(3), d(5)),
  FULLTEXT KEY words (d) WITH PARSER ngram, SPATIAL KEY place (p), KEY told (a) USING BTREE COMMENT 'it''s', KEY block (b) KEY_BLOCK_SIZE=4
) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 STATS_PERSISTENT=1 STATS_SAMPLE_PAGES=5 MAX_ROWS=100;

CREATE TABLE keyless (a int, b varchar(10));
CREATE TABLE only_expression (a int, UNIQUE KEY k ((a + 1)));
CREATE TABLE parent (id int PRIMARY KEY, code int, UNIQUE KEY code (code));
CREATE TABLE child (id int PRIMARY KEY, parent int, code int, CONSTRAINT p FOREIGN KEY (parent) REFERENCES parent (id),
  FOREIGN KEY (code) REFERENCES parent (code) ON UPDATE RESTRICT);
CREATE TABLE cascading (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE SET NULL);
ALTER TABLE parent ADD best int, ADD CONSTRAINT round FOREIGN KEY (best) REFERENCES child (id);
CREATE TABLE parts (id int, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2
  (PARTITION p0 VALUES LESS THAN (2000) COMMENT 'it''s', PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE listed (a varchar(5) PRIMARY KEY) PARTITION BY LIST COLUMNS (a) (PARTITION p VALUES IN ('a', '''', 'b'), PARTITION q VALUES IN ('ÿ'));
SET SESSION sql_generate_invisible_primary_key = 1;
CREATE TABLE secret_key (a int);
SET SESSION sql_generate_invisible_primary_key = 0;
CREATE TABLE `odd ``name.😊`(`select` int PRIMARY KEY, `x,y` int) ENGINE=MyISAM CHARSET=utf8mb3;
DROP TABLE `odd ``name.😊`;
CREATE TABLE `odd ``name.é`(`select` int PRIMARY KEY, `x,y` int, `😀` int) CHARSET=utf8mb3;

CREATE VIEW b_view AS SELECT id, parent FROM child WHERE parent > 1;
CREATE SQL SECURITY INVOKER VIEW a_view AS SELECT v.id, upper('😀') face, p.code FROM b_view v JOIN parent p ON p.id = v.parent;
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC COMMENT 'it''s' RETURN x * 2;
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT';
DELIMITER //
CREATE PROCEDURE "talk`er"(OUT x varchar(10) CHARSET latin1) MODIFIES SQL DATA
BEGIN
  SET x = '\' || twice(2);
  INSERT INTO "keyless" VALUES (1, x);
END//
SET sql_mode = ''//
CREATE TRIGGER b_trigger BEFORE INSERT ON child FOR EACH ROW SET NEW.parent = twice(NEW.parent)//
CREATE TRIGGER a_trigger BEFORE INSERT ON child FOR EACH ROW PRECEDES b_trigger BEGIN SET NEW.code = 1; END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM keyless//
DELIMITER ;
