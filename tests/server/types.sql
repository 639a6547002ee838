-- Every column type that MariaDB and MySQL both have, with its extremes, in tables "id INT key,
-- columns ...". Rows 1 to 9 are the values of interest; types_test.sh makes changes out of them. Then
-- tables whose key is of a type that is awkward as a key. What only one of them has is in
-- types_mariadb.sql and types_mysql.sql, which come after this.
CREATE DATABASE types CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE types;
SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', group_concat_max_len = 1000000;

CREATE TABLE integers (id INT PRIMARY KEY, a TINYINT, b TINYINT UNSIGNED, c SMALLINT, d SMALLINT UNSIGNED,
  e MEDIUMINT, f MEDIUMINT UNSIGNED, g INT, h INT UNSIGNED, i BIGINT, j BIGINT UNSIGNED, k INT(8) ZEROFILL, l BOOLEAN);
INSERT INTO integers VALUES
  (1, -128, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0, 0, 0),
  (2, 127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615, 4294967295, 1),
  (3, -1, 128, -1, 32768, -1, 8388608, -1, 2147483648, -1, 9223372036854775808, 42, NULL),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE numbers (id INT PRIMARY KEY, a DECIMAL(65, 30), b DECIMAL(65, 0), c DECIMAL(5, 2) UNSIGNED, d DECIMAL(1, 1),
  e DECIMAL(18, 9), f FLOAT, g DOUBLE, h FLOAT(7, 3), i DOUBLE UNSIGNED, j NUMERIC(10, 0) ZEROFILL);
INSERT INTO numbers VALUES
  (1, 99999999999999999999999999999999999.999999999999999999999999999999, REPEAT('9', 65), 999.99, 0.9, 123456789.123456789, 3.4028234663852886e38, 1.7976931348623157e308, 1234.567, 1e-5, 7),
  (2, -99999999999999999999999999999999999.999999999999999999999999999999, CONCAT('-', REPEAT('9', 65)), 0, -0.9, -0.000000001, -1.1754943508222875e-38, -2.2250738585072014e-308, -9999.999, 0, 0),
  (3, 0.000000000000000000000000000001, -1, 0.01, 0, 1, 1e-40, 4.9406564584124654e-324, 0.001, 1.5, 9999999999),
  (4, -0.000000000000000000000000000001, 0, 100, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1),
  (5, 0.1, 1, 1.1, NULL, NULL, 16777217, 9007199254740993, -0.0, 1e300, NULL),
  (6, NULL, NULL, NULL, NULL, NULL, -0.0, -0.0, NULL, NULL, NULL);

CREATE TABLE bits (id INT PRIMARY KEY, a BIT(1), b BIT(7), c BIT(8), d BIT(33), e BIT(64));
INSERT INTO bits VALUES (1, b'0', b'0', b'0', b'0', b'0'), (2, b'1', b'1111111', b'11111111', 0x1FFFFFFFF, 0xFFFFFFFFFFFFFFFF),
  (3, b'1', b'1000000', b'10000000', 0x100000001, 0x8000000000000000), (4, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE texts (id INT PRIMARY KEY, a CHAR(1), b CHAR(255), c VARCHAR(1), d VARCHAR(255), e VARCHAR(256), f VARCHAR(10000),
  g TINYTEXT, h TEXT, i MEDIUMTEXT, j LONGTEXT, k CHAR(0));
INSERT INTO texts VALUES
  (1, 'x', '  both  ', '', REPEAT('é', 255), REPEAT('🚀', 256), REPEAT('Ω', 10000), REPEAT('t', 255), REPEAT('x', 65535), REPEAT('中文', 60000), REPEAT('long', 300000), ''),
  (2, '', '', ' ', 'tab\tnew\nline\rquote''"`back\\slash\0nul\Z', '%_\\N', '\\', '', '', '', '', NULL),
  (3, '🚀', REPEAT('中', 255), 'Ä', '\\0\\n\\t', 'ctrl-\1\2', 'NULL', 'NULL', '\\N', ',', '\t', ''),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE bytes (id INT PRIMARY KEY, a BINARY(4), b VARBINARY(300), c TINYBLOB, d BLOB, e MEDIUMBLOB, f LONGBLOB,
  g BINARY(0), j BINARY(255));
SET @all = (WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 255)
  SELECT UNHEX(GROUP_CONCAT(LPAD(HEX(i), 2, '0') ORDER BY i SEPARATOR '')) FROM n);
INSERT INTO bytes VALUES
  (1, x'AB000000', @all, LEFT(@all, 255), REPEAT(@all, 200), REPEAT(@all, 1000), REPEAT(@all, 10000), '', LEFT(@all, 255)),
  (2, x'00', '', '', '', '', '', '', ''), (3, 'text', x'00', x'2000', '\\', ' ', x'0D0A', NULL, x'20'),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE charsets (id INT PRIMARY KEY, a VARCHAR(40) CHARACTER SET latin1, b VARCHAR(40) CHARACTER SET utf8mb3,
  c VARCHAR(40) CHARACTER SET ucs2, d VARCHAR(40) CHARACTER SET utf16, e VARCHAR(40) CHARACTER SET utf32, f VARCHAR(40) CHARACTER SET utf16le,
  g VARCHAR(40) CHARACTER SET gbk, h VARCHAR(40) CHARACTER SET sjis, i VARCHAR(40) CHARACTER SET big5, j VARCHAR(40) CHARACTER SET koi8r,
  k VARCHAR(40) CHARACTER SET cp932, l VARCHAR(40) CHARACTER SET eucjpms, m CHAR(10) CHARACTER SET latin2, n TEXT CHARACTER SET cp1251,
  o ENUM('é', 'ü') CHARACTER SET latin1, p SET('ж', 'ы') CHARACTER SET koi8r, q TEXT CHARACTER SET ascii, r CHAR(5) CHARACTER SET utf16 COLLATE utf16_bin);
INSERT INTO charsets VALUES
  (1, 'é€ß', 'é中', '中', '🚀中', '🚀', '🚀', '中文', '表ソ十', '許功蓋', 'жыш', '①ソ', '漢字', 'łód', 'Жук', 'é', 'ж,ы', 'ascii', '🚀'),
  (2, _latin1 x'80818D8F909D9FA0FF', '', '', '', '', '', _gbk x'815C', _sjis x'835C955C', _big5 x'B35C', '''', '\\', '', '', '', 'ü', '', '', ' a '),
  (3, '\\', '''', '"', '\0', '\n', '\\', '\\''', '\\', '\\', '\\', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE choices (id INT PRIMARY KEY, a ENUM('one', 'two', '', 'it''s'), b ENUM('x') NOT NULL, c SET('a', 'b', 'c'), d SET('only'));
SET @set = (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 64) SELECT GROUP_CONCAT(CONCAT('''m', i, '''') ORDER BY i) FROM n);
SET @enum = (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT GROUP_CONCAT(CONCAT('''e', i, '''') ORDER BY i) FROM n);
SET @alter = CONCAT('ALTER TABLE choices ADD e SET(', @set, '), ADD f ENUM(', @enum, ')');
PREPARE s FROM @alter;
EXECUTE s;
INSERT INTO choices VALUES (1, 'one', 'x', 'a,b,c', 'only', 18446744073709551615, 'e300'), (2, '', 'invalid', '', '', 9223372036854775808, 'e1'),
  (3, 'invalid', 'x', 'c', NULL, 1, 'e256'), (4, 'it''s', '', 'b', 'only', 0, 'e255'), (5, NULL, 'x', NULL, NULL, NULL, NULL), (6, 'two', 'x', 'a', 'only', 2, 'invalid');

CREATE TABLE times (id INT PRIMARY KEY, a DATE, b DATETIME, c DATETIME(3), d DATETIME(6), e TIME, f TIME(1), g TIME(6), h YEAR,
  i TIMESTAMP NULL, j TIMESTAMP(2) NULL, k TIMESTAMP(6) NULL, l TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6));
INSERT INTO times VALUES
  (1, '1000-01-01', '1000-01-01', '1000-01-01 00:00:00.001', '0001-01-01 00:00:00.000001', '-838:59:59', '-838:59:59.9', '-838:59:59.999999', 1901, '1970-01-01 00:00:01', '1970-01-01 00:00:01.01', '1970-01-01 00:00:01.000001', '1970-01-01 00:00:01.000001'),
  (2, '9999-12-31', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999999', '838:59:59', '838:59:59.9', '838:59:59.999999', 2155, '2038-01-19 03:14:07', '2038-01-19 03:14:07.99', '2038-01-19 03:14:07.999999', '2038-01-19 03:14:07.999999'),
  (3, '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '-00:00:01', '-00:00:00.5', '-00:00:00.000001', 0, '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00'),
  (4, '2024-00-10', '2024-02-31 12:00:00', '2024-02-00 00:00:00.5', '0000-01-00 00:00:00.123456', '00:00:00', '00:00:00.1', '-00:00:00.5', 1970, '2024-10-27 00:30:00', '2024-10-27 01:30:00', '2024-03-31 01:59:59.5', '2024-10-27 01:30:00'),
  (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2024-01-01 00:00:00');

CREATE TABLE others (id INT PRIMARY KEY, a JSON, e GEOMETRY, f POINT, g LINESTRING, h POLYGON,
  i MULTIPOINT, j MULTILINESTRING, k MULTIPOLYGON, l GEOMETRYCOLLECTION);
INSERT INTO others VALUES
  (1, '{"b":1, "a": 1.0, "ü": "\\u0000 \\"", "n": null}',
    ST_GeomFromText('POINT(1.5 -2.5)', 3857), ST_GeomFromText('POINT(0 0)'), ST_GeomFromText('LINESTRING(0 0,1 1)'),
    ST_GeomFromText('POLYGON((0 0,0 3,3 3,3 0,0 0),(1 1,1 2,2 2,2 1,1 1))'), ST_GeomFromText('MULTIPOINT(0 0,1 1)'),
    ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))'), ST_GeomFromText('MULTIPOLYGON(((0 0,0 1,1 1,1 0,0 0)))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')),
  (2, '[]', ST_GeomFromText('LINESTRING(0 0,1e300 1e-300)'), POINT(-1e10, 0.1), NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 'null', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE computed (id INT PRIMARY KEY, a INT, b VARCHAR(50), stored_sum INT AS (a + 1) STORED, virtual_text VARCHAR(60) AS (CONCAT(b, '!')) VIRTUAL,
  hidden INT INVISIBLE DEFAULT 5, last_one DECIMAL(10, 2) DEFAULT (1.5 * 2), KEY (virtual_text), KEY (stored_sum));
INSERT INTO computed (id, a, b, hidden) VALUES (1, 10, 'x', 1), (2, -1, '', NULL), (3, NULL, NULL, 7), (4, 0, 'é', 5);

-- Keys of awkward types.
CREATE TABLE key_zero (k INT AUTO_INCREMENT PRIMARY KEY, v INT);
INSERT INTO key_zero VALUES (0, 1), (-5, 2), (7, 3);
-- An ENUM or SET is loaded through a variable, and MariaDB then forgets that the 0 was given.
CREATE TABLE key_zero_enum (k INT AUTO_INCREMENT PRIMARY KEY, v INT, e ENUM('a', 'b'));
INSERT INTO key_zero_enum VALUES (0, 1, 'a'), (-5, 2, 'b'), (7, 3, NULL);
CREATE TABLE key_zero_set (v INT, s SET('a', 'b'), k BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY);
INSERT INTO key_zero_set VALUES (1, 'a,b', 0), (2, '', 18446744073709551610), (3, 'b', 7);
CREATE TABLE key_float (k FLOAT PRIMARY KEY, v INT);
INSERT INTO key_float VALUES (0.1, 1), (16777216, 2), (1e-40, 3), (-3.4e38, 4), (0, 5), (1.1, 6);
CREATE TABLE key_double (k DOUBLE PRIMARY KEY, v INT);
INSERT INTO key_double VALUES (0.1, 1), (0.30000000000000004, 2), (5e-324, 3), (-1.7976931348623157e308, 4);
CREATE TABLE key_decimal (k DECIMAL(30, 15) PRIMARY KEY, v INT);
INSERT INTO key_decimal VALUES (0.000000000000001, 1), (-999999999999999.999999999999999, 2), (0, 3);
CREATE TABLE key_bigint (k BIGINT UNSIGNED PRIMARY KEY, v INT);
INSERT INTO key_bigint VALUES (18446744073709551615, 1), (9223372036854775808, 2), (0, 3);
CREATE TABLE key_binary (k BINARY(4) PRIMARY KEY, v INT);
INSERT INTO key_binary VALUES (x'AB000000', 1), (x'AB', 2) ON DUPLICATE KEY UPDATE v = 9;
INSERT INTO key_binary VALUES (x'00', 3), (x'20202020', 4), (x'FFFFFFFF', 5);
CREATE TABLE key_varbinary (k VARBINARY(40) PRIMARY KEY, v INT);
INSERT INTO key_varbinary VALUES ('', 1), (x'00', 2), (x'0000', 3), ('a', 4), ('A', 5), ('a ', 6), (x'5C', 7), (x'27', 8);
CREATE TABLE key_text (k VARCHAR(40) COLLATE utf8mb4_unicode_ci PRIMARY KEY, v INT);
INSERT INTO key_text VALUES ('é', 1), ('straße', 2), ('', 3), ('a\\b', 4), ('it''s', 5), ('🚀', 6), ('\t', 7);
CREATE TABLE key_latin (k VARCHAR(40) CHARACTER SET latin1 PRIMARY KEY, v INT);
INSERT INTO key_latin VALUES ('é', 1), (_latin1 x'80', 2), ('\\', 3), ('z', 4);
CREATE TABLE key_sjis (k VARCHAR(40) CHARACTER SET sjis PRIMARY KEY, v INT);
INSERT INTO key_sjis VALUES ('表', 1), ('ソ\\', 2), ('a', 3);
CREATE TABLE key_prefix (k BLOB NOT NULL, v INT, PRIMARY KEY (k(10)));
INSERT INTO key_prefix VALUES ('long and longer', 1), (x'00', 2), ('', 3);
CREATE TABLE key_bit (k BIT(40) PRIMARY KEY, v INT);
INSERT INTO key_bit VALUES (0, 1), (0xFFFFFFFFFF, 2), (0x8000000000, 3);
CREATE TABLE key_enum (k ENUM('z', 'a', '') PRIMARY KEY, v INT);
INSERT INTO key_enum VALUES ('z', 1), ('a', 2), ('', 3), ('invalid', 4);
CREATE TABLE key_set (k SET('z', 'a', 'b') PRIMARY KEY, v INT);
INSERT INTO key_set VALUES ('z', 1), ('z,b', 2), ('', 3);
CREATE TABLE key_time (k TIME(3) PRIMARY KEY, v INT);
INSERT INTO key_time VALUES ('-838:59:59', 1), ('-00:00:00.5', 2), ('00:00:00', 3), ('838:59:59', 4);
CREATE TABLE key_datetime (k DATETIME(6), k2 DATE, v INT, PRIMARY KEY (k, k2));
INSERT INTO key_datetime VALUES ('0000-00-00', '0000-00-00', 1), ('2024-02-31 00:00:00.000001', '2024-00-00', 2), ('9999-12-31 23:59:59.999999', '1000-01-01', 3);
CREATE TABLE key_timestamp (k TIMESTAMP(6) DEFAULT '2000-01-01' PRIMARY KEY, v INT);
INSERT INTO key_timestamp VALUES ('2024-10-27 00:30:00', 1), ('2024-10-27 01:30:00', 2), ('0000-00-00', 3), ('2038-01-19 03:14:07.999999', 4);
CREATE TABLE key_year (k YEAR PRIMARY KEY, v INT);
INSERT INTO key_year VALUES (0, 1), (1901, 2), (2155, 3);
CREATE TABLE key_mixed (a VARCHAR(10) COLLATE utf8mb4_bin, b INT UNSIGNED, c DATE, v INT, PRIMARY KEY (c, a, b));
INSERT INTO key_mixed VALUES ('x', 1, '2024-01-01', 1), ('X', 1, '2024-01-01', 2), ('x', 4294967295, '0000-00-00', 3);
-- No key: a row is found by all its values.
CREATE TABLE keyless (f FLOAT, d DOUBLE, b BIT(9), t TIME(6), x BLOB, c CHAR(5), e ENUM('a', ''), j JSON, g POINT, n DECIMAL(10, 3), ts TIMESTAMP(6) NULL);
INSERT INTO keyless VALUES (0.1, 0.1, 5, '-00:00:00.5', x'00', ' a', 'invalid', '{"a": 1.0}', POINT(1, 2), -0.5, '2024-01-01 00:00:00.000001'),
  (0.1, 0.1, 5, '-00:00:00.5', x'00', ' a', '', '{"a": 1.0}', POINT(1, 2), -0.5, '0000-00-00'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (1e-40, 5e-324, 0, '838:59:59', '', '', 'a', '[]', NULL, 0, NULL);
