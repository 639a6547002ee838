-- What only MariaDB has.
USE erp;
-- MariaDB 10.5 does not show such a name as it is.
/*M!101100 ALTER TABLE partner DROP FOREIGN KEY `partner "s parent` */;
/*M!101100 ALTER TABLE partner ADD CONSTRAINT `partner ``s parent` FOREIGN KEY (parent) REFERENCES partner (id) */;
CREATE SEQUENCE z_numbers START WITH 1000 INCREMENT BY 5 MAXVALUE 90000 CACHE 10 CYCLE;
CREATE TABLE a_numbered (id bigint NOT NULL DEFAULT nextval(z_numbers) PRIMARY KEY, v varchar(10) COMPRESSED, t text COMPRESSED, hidden int INVISIBLE DEFAULT 3, expr varchar(40) DEFAULT concat('a', v, '\'', 1 + 2));
CREATE TABLE versioned (id int PRIMARY KEY, v varchar(10), w int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
CREATE TABLE period (id int NOT NULL, b date NOT NULL, e date NOT NULL, PERIOD FOR valid (b, e), CHECK (id > 0) /*M!100503 , UNIQUE KEY u (id, valid WITHOUT OVERLAPS) */);
CREATE TABLE long_unique (id int PRIMARY KEY, t text, v int AS (id + 1) VIRTUAL, a varchar(600) CHARACTER SET utf8mb4, b varchar(600) CHARACTER SET utf8mb4, s tinyblob, UNIQUE KEY (t), UNIQUE KEY (a, b), UNIQUE KEY (s), UNIQUE KEY (a(10), b));
CREATE TABLE aria (id int PRIMARY KEY, v varchar(9)) ENGINE=Aria TRANSACTIONAL=1 PAGE_CHECKSUM=1;
CREATE TABLE ip6 (a inet6 PRIMARY KEY /*M!100700 , u uuid DEFAULT uuid() *//*M!101000 , b inet4 */);
CREATE TABLE same_check1 (id int PRIMARY KEY CHECK (id > 0), CONSTRAINT positive CHECK (id > 0));
CREATE TABLE same_check2 (id int PRIMARY KEY, j json CHECK (json_valid(j)), CONSTRAINT positive CHECK (id > 0));
CREATE TABLE page_compressed (id int PRIMARY KEY) PAGE_COMPRESSED=1 PAGE_COMPRESSION_LEVEL=3;
CREATE TABLE list_default (id int PRIMARY KEY) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2), PARTITION rest DEFAULT);
/*M!101010 CREATE TABLE uca (id int PRIMARY KEY, a varchar(10) COLLATE uca1400_german2_ai_ci, b varchar(10) CHARACTER SET utf8mb3 COLLATE uca1400_as_cs) COLLATE=utf8mb4_uca1400_ai_ci */;
SET sql_mode = ORACLE;
DELIMITER //
CREATE PACKAGE tools AS FUNCTION one RETURN int; PROCEDURE two; END//
CREATE PACKAGE BODY tools AS FUNCTION one RETURN int AS BEGIN RETURN 1; END; PROCEDURE two AS BEGIN SELECT 2; END; END//
DELIMITER ;
SET sql_mode = '';
DELIMITER //
CREATE AGGREGATE FUNCTION longest(x varchar(100)) RETURNS varchar(100) DETERMINISTIC
BEGIN
  DECLARE best varchar(100) DEFAULT ''; DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN best;
  LOOP FETCH GROUP NEXT ROW; IF length(x) > length(best) THEN SET best = x; END IF; END LOOP;
END//
CREATE TRIGGER versioned_insert BEFORE INSERT ON versioned FOR EACH ROW SET NEW.v = 'x'//
DELIMITER ;
