-- What MySQL has in views, routines, triggers and events: the first half can be carried to MariaDB.
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE shop;
SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci;
CREATE TABLE item (id int PRIMARY KEY, name varchar(40), price decimal(10,2), made datetime(6), data json, code varchar(20) COLLATE utf8mb4_bin);
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, item int, what varchar(80), at datetime);
INSERT INTO item VALUES (1, 'Äpfel', 1.50, '2020-01-02 03:04:05.999999', '{"size": {"w": 3}, "tags": ["a", "b"]}', 'A-1'), (2, 'brot', 3.20, '2021-01-01', '{"size": {"w": 12}}', 'b-2'), (3, 'Salz', 0.5, NULL, NULL, 'C-33');

CREATE VIEW same_words AS WITH c AS (SELECT id, price, RANK() OVER (ORDER BY price DESC) AS r FROM item)
  SELECT i.id, UPPER(i.name) AS name, IFNULL(c.price, 0) * 1.19 AS gross, c.r, DATE_FORMAT(i.made, '%Y-%m') AS month, CASE WHEN i.price > 1 THEN 'dear' ELSE 'cheap' END AS kind FROM item i JOIN c ON c.id = i.id;
CREATE VIEW matched AS SELECT id FROM item WHERE name REGEXP '^[ab].*t$' OR code NOT RLIKE '[0-9]{2}';
CREATE VIEW in_json AS SELECT id, data->>'$.size.w' AS w, JSON_UNQUOTE(JSON_EXTRACT(data, '$.tags[0]')) AS tag, JSON_VALUE(data, '$.size.w') AS v, JSON_LENGTH(data) AS n FROM item;
CREATE VIEW accents AS SELECT id FROM item WHERE name COLLATE utf8mb4_0900_ai_ci = 'apfel';
CREATE VIEW casts AS SELECT id, CAST(price AS char) AS c, CAST(name AS binary) AS b FROM item;
CREATE VIEW rows_of_json AS SELECT i.id, t.tag FROM item i, JSON_TABLE(i.data, '$.tags[*]' COLUMNS (tag varchar(9) PATH '$')) t;
CREATE VIEW over_view AS SELECT s.id, m.id AS matched FROM same_words s LEFT JOIN matched m ON m.id = s.id;
DELIMITER //
CREATE FUNCTION label(n varchar(40) CHARSET utf8mb4, k int) RETURNS varchar(60) CHARSET utf8mb4 DETERMINISTIC
BEGIN DECLARE best varchar(60) CHARACTER SET utf8mb4 DEFAULT ''; SELECT CONCAT(name, '/', code) INTO best FROM item WHERE name = n AND id > k LIMIT 1; RETURN best; END//
CREATE FUNCTION rounded(t time(6)) RETURNS time DETERMINISTIC RETURN t//
CREATE FUNCTION width(j json) RETURNS int DETERMINISTIC RETURN j->'$.size.w' + 1//
CREATE PROCEDURE raise(IN n int, OUT said varchar(80)) BEGIN
  DECLARE done int DEFAULT 0; DECLARE i, sum int DEFAULT 0; DECLARE c CURSOR FOR SELECT id FROM item ORDER BY id;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; DECLARE EXIT HANDLER FOR SQLSTATE '45000' SET said = 'too much';
  OPEN c; l: LOOP FETCH c INTO i; IF done THEN LEAVE l; END IF; SET sum = sum + i; IF sum > n THEN SIGNAL SQLSTATE '45000'; END IF; END LOOP; CLOSE c;
  SET said = CONCAT('sum ', sum); END//
CREATE TRIGGER item_insert AFTER INSERT ON item FOR EACH ROW INSERT INTO log (item, what) VALUES (NEW.id, CONCAT('w=', IFNULL(NEW.data->>'$.size.w', 'none')))//
CREATE TRIGGER item_update BEFORE UPDATE ON item FOR EACH ROW BEGIN IF NEW.price < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'negative'; END IF; END//
CREATE EVENT clean ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' DO DELETE FROM log WHERE at < NOW() - INTERVAL 1 YEAR//
DELIMITER ;
SET sql_mode = 'TRADITIONAL,ANSI';
CREATE FUNCTION "in ansi"(a int) RETURNS text DETERMINISTIC RETURN 'a' || a || '"';
SET sql_mode = DEFAULT;

CREATE VIEW no_function AS SELECT BIN_TO_UUID(UUID_TO_BIN('6ccd780c-baba-1026-9564-5b8c656024db')) AS u;
CREATE VIEW no_syntax AS SELECT i.id, x.m FROM item i, LATERAL (SELECT MAX(l.id) AS m FROM log l WHERE l.item = i.id) x;
CREATE VIEW mixed AS SELECT id FROM item WHERE name = CAST(price AS char);
CREATE VIEW over_left_out AS SELECT m FROM no_syntax;
CREATE VIEW compares_json AS SELECT id FROM item WHERE data = '{}';
CREATE VIEW sorts_json AS SELECT id FROM item ORDER BY JSON_EXTRACT(data, '$.size.w');
CREATE VIEW path_json AS SELECT JSON_CONTAINS(data, '3', '$.size.w') AS c FROM item;
CREATE VIEW truth_json AS SELECT JSON_OBJECT('a', TRUE) AS j;
CREATE VIEW odd_pattern AS SELECT REGEXP_LIKE(name, 'a', 'c') AS r FROM item;
CREATE VIEW references_ AS SELECT REGEXP_REPLACE(name, '(a)', '$1$1') AS r FROM item;
CREATE VIEW axes AS SELECT ST_AsText(ST_GeomFromText('POINT(1 2)', 4326)) AS p;
CREATE VIEW of_server AS SELECT user FROM mysql.user;
CREATE VIEW refused_late AS SELECT CONCAT(name, i.id) AS n FROM item i WHERE name = CONVERT(code USING utf8mb4) COLLATE utf8mb4_0900_as_cs AND name = ANY_VALUE(name) COLLATE utf8mb4_0900_as_cs;
DELIMITER //
CREATE FUNCTION calls_unknown() RETURNS int DETERMINISTIC RETURN IS_UUID('x')//
CREATE FUNCTION nvl(a int, b int) RETURNS int DETERMINISTIC RETURN IF(a IS NULL, b, -a)//
CREATE FUNCTION calls_own() RETURNS int DETERMINISTIC RETURN nvl(1, 2)//
CREATE PROCEDURE calls_left_out() SELECT calls_unknown()//
CREATE PROCEDURE new_syntax() INSERT INTO log (id, item) VALUES (1, 2) AS fresh ON DUPLICATE KEY UPDATE item = fresh.item//
CREATE PROCEDURE odd_variable() SET SESSION sql_generate_invisible_primary_key = 0//
CREATE PROCEDURE commented() SELECT 1 /*!80000 + 1 */ //
CREATE TRIGGER log_insert BEFORE INSERT ON log FOR EACH ROW SET NEW.item = IFNULL(NEW.item, calls_unknown())//
DELIMITER ;
