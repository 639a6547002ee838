-- A table with every type that a row filter may compare, and collations of every kind; what only one
-- kind of server has is added by filter_test.sh.
CREATE DATABASE filters CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE filters;
CREATE TABLE t (
  id INT PRIMARY KEY AUTO_INCREMENT,
  i8 TINYINT, u8 TINYINT UNSIGNED, i16 SMALLINT, u24 MEDIUMINT UNSIGNED, i32 INT, u32 INT UNSIGNED, i64 BIGINT,
  u64 BIGINT UNSIGNED, z32 INT(8) ZEROFILL, flag BOOLEAN NOT NULL,
  d2 DECIMAL(10, 2), d30 DECIMAL(65, 30), d0 DECIMAL(20, 0) UNSIGNED,
  f FLOAT, d DOUBLE, fx FLOAT(7, 3),
  b1 BIT(1), b8 BIT(8), b33 BIT(33), b64 BIT(64), y YEAR,
  da DATE, da2 DATE, dan DATE NOT NULL, dtn DATETIME NOT NULL, dt DATETIME, dt3 DATETIME(3), dt6 DATETIME(6), ts TIMESTAMP NULL, ts6 TIMESTAMP(6) NULL, ti TIME, ti6 TIME(6),
  g VARCHAR(40), g2 VARCHAR(40), gc CHAR(10), gt TEXT,
  u5 VARCHAR(40) COLLATE utf8mb4_unicode_520_ci, uc VARCHAR(40) COLLATE utf8mb4_unicode_ci,
  bin VARCHAR(40) COLLATE utf8mb4_bin, bin2 CHAR(12) COLLATE utf8mb4_bin,
  u3 VARCHAR(40) CHARACTER SET utf8mb3, u3b VARCHAR(40) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin,
  l VARCHAR(40) CHARACTER SET latin1, lb VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_bin, lc VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_general_cs,
  asc_b VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin, k VARCHAR(40) CHARACTER SET koi8r, kb VARCHAR(40) CHARACTER SET koi8r COLLATE koi8r_bin,
  gbk VARCHAR(40) CHARACTER SET gbk, sj VARCHAR(40) CHARACTER SET sjis COLLATE sjis_bin, u2 VARCHAR(40) CHARACTER SET ucs2,
  u16 VARCHAR(40) CHARACTER SET utf16 COLLATE utf16_bin, cz VARCHAR(40) CHARACTER SET latin2 COLLATE latin2_czech_cs,
  bi BINARY(4), vb VARBINARY(40), bl BLOB,
  e ENUM('a', 'B', '', 'it''s', 'ö', '10'), el ENUM('x', 'Y', 'é') CHARACTER SET latin1, eb ENUM('a', 'A', 'b ') COLLATE utf8mb4_bin,
  s SET('a', 'B', 'c d', 'é'), sb SET('x', 'X', 'y') COLLATE utf8mb4_bin,
  j JSON, p POINT, `odd name` INT, `select` VARCHAR(10),
  KEY (i8), KEY (u8), KEY (i16), KEY (u24), KEY (i32), KEY (u32), KEY (i64), KEY (u64), KEY (flag), KEY (d2), KEY (d30), KEY (d0), KEY (f), KEY (d), KEY (b1), KEY (b8), KEY (b33), KEY (b64), KEY (y), KEY (da), KEY (dan), KEY (dt), KEY (dt3), KEY (ts), KEY (ts6), KEY (ti), KEY (ti6), KEY (g), KEY (gc), KEY (u5), KEY (bin), KEY (u3), KEY (u3b), KEY (l), KEY (lb), KEY (lc), KEY (kb), KEY (gbk), KEY (sj), KEY (u16), KEY (bi), KEY (vb), KEY (e), KEY (el), KEY (eb), KEY (s), KEY (sb)
) ENGINE = InnoDB;
