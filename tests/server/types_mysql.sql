-- What only MySQL has. Comes after types.sql.
USE types;
SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', group_concat_max_len = 1000000;

CREATE TABLE documents (id INT PRIMARY KEY, a JSON, b JSON NOT NULL DEFAULT (JSON_ARRAY()), KEY members ((CAST(a->'$.n' AS UNSIGNED ARRAY))));
INSERT INTO documents VALUES
  (1, '{"b": 1, "aa": [1.0, 1e25, -0.0, 5e-324, 0.30000000000000004], "ü": "\\u0000\\"🚀", "n": [1, 2, 18446744073709551615]}', '[]'),
  (2, JSON_OBJECT('d', CAST(1.50 AS DECIMAL(10, 2)), 't', CAST('2024-02-29 01:02:03.000004' AS DATETIME(6)), 'x', x'00FF', 'i', CAST('-00:00:00.5' AS TIME(6))), '-9223372036854775808'),
  (3, CONCAT('{"long": "', REPEAT('中', 70000), '", "n": []}'), '"string"'), (4, 'null', 'true'), (5, NULL, JSON_ARRAY(JSON_OBJECT(), JSON_ARRAY(), NULL, FALSE));

CREATE TABLE vectors (id INT PRIMARY KEY, a VECTOR, b VECTOR(3) NOT NULL, c VECTOR(1));
INSERT INTO vectors VALUES (1, STRING_TO_VECTOR('[1, -2.5, 1e-30, 3e38]'), STRING_TO_VECTOR('[0, 0, 0]'), x'00000080'),
  (2, CAST(REPEAT(x'0000803F', 2048) AS BINARY), x'FFFF7F7F0100000000008080', x'CDCCCC3D'), (3, NULL, STRING_TO_VECTOR('[1, 2, 3]'), NULL);

CREATE TABLE places (id INT PRIMARY KEY, a GEOMETRY, b POINT NOT NULL SRID 4326, c POLYGON SRID 0, d LINESTRING SRID 3857, SPATIAL KEY (b));
INSERT INTO places VALUES (1, ST_GeomFromText('POINT(10 20)', 4326), ST_GeomFromText('POINT(52.5 13.4)', 4326), ST_GeomFromText('POLYGON((0 0,0 3,3 3,3 0,0 0))'), ST_GeomFromText('LINESTRING(0 0,1 1)', 3857)),
  (2, ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))', 4326), ST_GeomFromText('POINT(-90 180)', 4326), NULL, NULL),
  (3, NULL, ST_GeomFromText('POINT(0 0)', 4326), NULL, NULL);

CREATE TABLE no_pad (id INT PRIMARY KEY, a VARCHAR(40), b CHAR(10), c VARCHAR(40) COLLATE utf8mb4_0900_bin, d VARCHAR(40) CHARACTER SET gb18030, e TEXT CHARACTER SET gb2312,
  f ENUM('é', '中') CHARACTER SET gb18030, KEY (a), KEY (c)) COLLATE utf8mb4_0900_as_cs;
INSERT INTO no_pad VALUES (1, 'a', 'a', 'a', '🚀中é', '中文', '中'), (2, 'a ', 'A', 'a ', '\\', '\\', 'é'), (3, 'á', ' ', '\0', _gb18030 x'81308130', '', 'none'), (4, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE expressions (id INT PRIMARY KEY, a INT, b VARCHAR(20), c INT AS (a * 2) VIRTUAL, d VARCHAR(40) AS (CONCAT(b, '!')) STORED NOT NULL, e JSON,
  f CHAR(36) AS (JSON_UNQUOTE(e->'$.k')) VIRTUAL, g INT DEFAULT (a + 1), h INT DEFAULT 7 INVISIBLE, KEY ((a + 1)), KEY ((LOWER(b)), a DESC), KEY (c), CHECK (a > -1000));
INSERT INTO expressions (id, a, b, e, g, h) VALUES (1, 10, 'X', '{"k": "v"}', 0, 1), (2, -1, '', NULL, NULL, NULL), (3, NULL, 'é', '{}', 3, 7);

SET SESSION sql_generate_invisible_primary_key = ON;
CREATE TABLE secret_key (a INT, b VARCHAR(10));
SET SESSION sql_generate_invisible_primary_key = OFF;
INSERT INTO secret_key VALUES (1, 'x'), (1, 'x'), (NULL, NULL);

CREATE TABLE key_no_pad (k VARCHAR(20) COLLATE utf8mb4_0900_as_cs PRIMARY KEY, v INT);
INSERT INTO key_no_pad VALUES ('a', 1), ('a ', 2), ('A', 3), ('á', 4), ('', 5), (' ', 6);
CREATE TABLE key_gb18030 (k VARCHAR(20) CHARACTER SET gb18030 PRIMARY KEY, v INT);
INSERT INTO key_gb18030 VALUES ('中', 1), ('\\', 2), ('🚀', 3);
CREATE TABLE keyless_document (j JSON, v VECTOR(2), p POINT SRID 4326);
INSERT INTO keyless_document VALUES ('{"a": 1.0}', STRING_TO_VECTOR('[1, 2]'), ST_GeomFromText('POINT(1 2)', 4326)), ('{"a": 1}', NULL, NULL), (NULL, NULL, NULL), (NULL, NULL, NULL);
