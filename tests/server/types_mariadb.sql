-- What only MariaDB has, from the version on that a comment names. Comes after types.sql.
USE types;
SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', group_concat_max_len = 1000000;

CREATE TABLE compressed (id INT PRIMARY KEY, a VARCHAR(20) COMPRESSED, b MEDIUMTEXT COMPRESSED, c VARBINARY(100) COMPRESSED, d BLOB COMPRESSED,
  e VARCHAR(300) COMPRESSED CHARACTER SET utf16, f LONGTEXT COMPRESSED CHARACTER SET sjis, g TINYTEXT COMPRESSED);
SET @all = (SELECT UNHEX(GROUP_CONCAT(LPAD(HEX(seq), 2, '0') ORDER BY seq SEPARATOR '')) FROM seq_0_to_255);
INSERT INTO compressed VALUES
  (1, 'comp', REPEAT('comp', 20000), LEFT(@all, 100), REPEAT(@all, 100), REPEAT('中', 300), REPEAT('表ソ', 1000), REPEAT('t', 255)),
  (2, '', '', '', '', '', '', ''), (3, REPEAT('é', 20), 'x', x'00', x'00', '🚀', '\\', '\0'), (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE addresses (id INT PRIMARY KEY, a INET6 /*M!101000 , b INET4 */ /*M!100700 , c UUID */);
INSERT INTO addresses VALUES (1, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' /*M!101000 , '255.255.255.255' */ /*M!100700 , 'ffffffff-ffff-ffff-ffff-ffffffffffff' */),
  (2, '::' /*M!101000 , '0.0.0.0' */ /*M!100700 , '00000000-0000-0000-0000-000000000000' */),
  (3, '::ffff:1.2.3.4' /*M!101000 , '10.0.0.1' */ /*M!100700 , '123e4567-e89b-12d3-a456-426655440000' */),
  (4, NULL /*M!101000 , NULL */ /*M!100700 , NULL */);
CREATE TABLE key_inet6 (k INET6 PRIMARY KEY, v INT);
INSERT INTO key_inet6 VALUES ('::1', 1), ('ffff::', 2), ('::', 3);
/*M!100700 CREATE TABLE key_uuid (k UUID PRIMARY KEY, v INT) */;
/*M!100700 INSERT INTO key_uuid VALUES ('123e4567-e89b-12d3-a456-426655440000', 1), ('00000000-0000-0000-0000-000000000000', 2), ('ffffffff-0000-4000-8000-000000000000', 3) */;
/*M!101000 CREATE TABLE key_inet (k INET6, k4 INET4, v INT, PRIMARY KEY (k, k4)) */;
/*M!101000 INSERT INTO key_inet VALUES ('::1', '1.2.3.4', 1), ('ffff::', '0.0.0.0', 2), ('::', '255.0.0.1', 3) */;
CREATE TABLE keyless_address (a INET6 /*M!100700 , u UUID */, j JSON);
INSERT INTO keyless_address VALUES ('::1' /*M!100700 , '123e4567-e89b-12d3-a456-426655440000' */, '{"b":1, "a":  1.0}'), ('::1' /*M!100700 , UUID() */, '{"a":1}'),
  (NULL /*M!100700 , NULL */, NULL);

-- JSON is text: order, spaces and doubles stay as they are.
CREATE TABLE json_texts (id INT PRIMARY KEY, a JSON, b JSON NOT NULL DEFAULT '{}');
INSERT INTO json_texts VALUES (1, '{"b":1, "a": 1.0, "b" :1e400}', ' [ ] '), (2, '"\\u0000\\ud83d\\ude80"', 'null'), (3, CONCAT('[', REPEAT(' ', 70000), ']'), '1'), (4, NULL, '{}');

CREATE TABLE geometries_of_any_srid (id INT PRIMARY KEY, g GEOMETRY, p POINT NOT NULL, SPATIAL KEY (p));
INSERT INTO geometries_of_any_srid VALUES (1, ST_GeomFromText('POINT(1.5 -2.5)', 4326), POINT(1, 2)), (2, ST_GeomFromText('LINESTRING(1 2,3 4)', 123456), POINT(-1, 0)), (3, NULL, POINT(0, 0));

/*M!110400 CREATE TABLE uca1400 (id INT PRIMARY KEY, a VARCHAR(20) COLLATE utf8mb4_uca1400_ai_ci, b CHAR(20) COLLATE utf8mb4_uca1400_swedish_as_cs,
  c TEXT CHARACTER SET utf16 COLLATE utf16_uca1400_nopad_ai_ci, d ENUM('é', 'e') COLLATE utf8mb4_uca1400_as_cs, KEY (b)) */;
/*M!110400 INSERT INTO uca1400 VALUES (1, 'é', 'å', '🚀', 'é'), (2, '', '', '', 'e'), (3, 'a ', 'Å', 'a ', NULL), (4, NULL, NULL, NULL, NULL) */;
/*M!110400 CREATE TABLE key_uca1400 (k VARCHAR(20) COLLATE utf8mb4_uca1400_ai_ci PRIMARY KEY, v INT) */;
/*M!110400 INSERT INTO key_uca1400 VALUES ('é', 1), ('z', 2), ('🚀', 3), ('', 4) */;
/*M!110701 CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(3) NOT NULL, w VECTOR(1), VECTOR INDEX (v)) */;
/*M!110701 INSERT INTO vectors VALUES (1, VEC_FromText('[1,-2.5,1e-30]'), x'00000080'), (2, x'000000000000000000000000', x'0000803F'), (3, VEC_FromText('[1e10,0.1,-1]'), NULL) */;
/*M!110500 CREATE TABLE timestamps_to_2106 (id INT PRIMARY KEY, a TIMESTAMP NULL, b TIMESTAMP(6) NULL) */;
/*M!110500 INSERT INTO timestamps_to_2106 VALUES (1, '2038-01-19 03:14:08', '2038-01-19 03:14:08'), (2, '2106-02-07 06:28:15', '2106-02-07 06:28:15.999999'), (3, NULL, NULL) */;
