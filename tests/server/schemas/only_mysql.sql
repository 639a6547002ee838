-- What only MySQL has.
USE erp;
ALTER TABLE partner DROP FOREIGN KEY `partner "s parent`, ADD CONSTRAINT `partner ``s parent` FOREIGN KEY (parent) REFERENCES partner (id);
CREATE TABLE functional (id int PRIMARY KEY, a int, b varchar(40), j json, UNIQUE KEY u ((a * 2)), KEY l ((lower(b)), a DESC), KEY m ((CAST(j->'$.a' AS unsigned ARRAY))), CHECK (a < 1000) NOT ENFORCED);
CREATE TABLE places (id int PRIMARY KEY, p point NOT NULL SRID 0, g geometry SRID 4326, SPATIAL KEY (p));
CREATE TABLE computed (id int PRIMARY KEY, b int AS (id + 1) STORED NOT NULL, d date DEFAULT (current_date()), t text DEFAULT (concat(_utf8mb4'é', "it's")));
CREATE TABLE formats (id int PRIMARY KEY COLUMN_FORMAT FIXED, v varchar(9) COLUMN_FORMAT DYNAMIC) COMPRESSION='zlib';
CREATE TABLE in_system (id int PRIMARY KEY) TABLESPACE innodb_system;
CREATE TABLE collated (id int PRIMARY KEY, a varchar(9) COLLATE utf8mb4_0900_as_cs UNIQUE, b varchar(9) COLLATE utf8mb4_0900_bin, c varchar(9) CHARACTER SET gb18030, d varchar(9) COLLATE utf8mb4_ja_0900_as_cs_ks) COLLATE=utf8mb4_0900_ai_ci;
CREATE TABLE invisible_column (id int PRIMARY KEY, `v` int DEFAULT 3 INVISIBLE COMMENT 'é');
SET SESSION sql_generate_invisible_primary_key = 1;
CREATE TABLE keyed_by_server (a int, b int);
SET SESSION sql_generate_invisible_primary_key = 0;
CREATE VIEW from_json AS SELECT id, jt.x FROM functional, JSON_TABLE(j, '$[*]' COLUMNS (x int PATH '$')) jt;
