-- What MariaDB has in views, routines, triggers and events: the first half can be carried to MySQL.
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE shop;
CREATE TABLE item (id int PRIMARY KEY, name varchar(40), price decimal(10,2), made datetime(6), data json, code varchar(20) COLLATE utf8mb4_bin);
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, item int, what varchar(80), at datetime);
INSERT INTO item VALUES (1, 'Äpfel', 1.50, '2020-01-02 03:04:05.999999', '{"size": {"w": 3}, "tags": ["a", "b"]}', 'A-1'), (2, 'brot', 3.20, '2021-01-01', '{"size": {"w": 12}}', 'b-2'), (3, 'Salz', 0.5, NULL, NULL, 'C-33');

CREATE VIEW same_words AS WITH c AS (SELECT id, price, RANK() OVER (ORDER BY price DESC) AS r FROM item)
  SELECT i.id, UPPER(i.name) AS name, NVL(c.price, 0) * 1.19 AS gross, c.r, DATE_FORMAT(i.made, '%Y-%m') AS month, CASE WHEN i.price > 1 THEN 'dear' ELSE 'cheap' END AS kind FROM item i JOIN c ON c.id = i.id;
CREATE VIEW matched AS SELECT id FROM item WHERE name REGEXP '^[ab].*t$' OR code NOT RLIKE '[0-9]{2}';
CREATE VIEW in_json AS SELECT id, JSON_UNQUOTE(JSON_EXTRACT(data, '$.tags[0]')) AS tag, JSON_VALUE(data, '$.size.w') AS v, JSON_LENGTH(data) AS n FROM item;
CREATE VIEW accents AS SELECT id FROM item WHERE name COLLATE utf8mb4_unicode_520_nopad_ci = 'apfel';
CREATE VIEW casts AS SELECT id, CAST(price AS char) AS c, HEX(BINARY name) AS b FROM item;
CREATE VIEW rows_of_json AS SELECT i.id, t.tag FROM item i, JSON_TABLE(i.data, '$.tags[*]' COLUMNS (tag varchar(9) PATH '$')) t;
CREATE VIEW over_view AS SELECT s.id, m.id AS matched FROM same_words s LEFT JOIN matched m ON m.id = s.id;
DELIMITER //
CREATE FUNCTION label(n varchar(40) CHARSET utf8mb4, k int) RETURNS varchar(60) CHARSET utf8mb4 DETERMINISTIC
BEGIN DECLARE best varchar(60) CHARACTER SET utf8mb4 DEFAULT ''; SELECT CONCAT(name, '/', code) INTO best FROM item WHERE name = n AND id > k LIMIT 1; RETURN best; END//
CREATE FUNCTION rounded(t time(6)) RETURNS time DETERMINISTIC RETURN t//
CREATE FUNCTION width(j json) RETURNS int DETERMINISTIC RETURN NVL(JSON_VALUE(j, '$.size.w'), 0) + 1//
CREATE PROCEDURE raise(IN n int, OUT said varchar(80)) BEGIN
  DECLARE done int DEFAULT 0; DECLARE i, sum int DEFAULT 0; DECLARE c CURSOR FOR SELECT id FROM item ORDER BY id;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; DECLARE EXIT HANDLER FOR SQLSTATE '45000' SET said = 'too much';
  OPEN c; l: LOOP FETCH c INTO i; IF done THEN LEAVE l; END IF; SET sum = sum + i; IF sum > n THEN SIGNAL SQLSTATE '45000'; END IF; END LOOP; CLOSE c;
  SET said = CONCAT('sum ', sum); END//
CREATE TRIGGER item_insert AFTER INSERT ON item FOR EACH ROW INSERT INTO log (item, what) VALUES (NEW.id, CONCAT('w=', IFNULL(JSON_VALUE(NEW.data, '$.size.w'), 'none')))//
CREATE TRIGGER item_update BEFORE UPDATE ON item FOR EACH ROW BEGIN IF NEW.price < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'negative'; END IF; END//
CREATE EVENT clean ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' DO DELETE FROM log WHERE at < NOW() - INTERVAL 1 YEAR//
DELIMITER ;
SET sql_mode = 'TRADITIONAL,ANSI';
CREATE FUNCTION "in ansi"(a int) RETURNS text DETERMINISTIC RETURN 'a' || a || '"';
SET sql_mode = DEFAULT;

CREATE SEQUENCE numbers;
CREATE VIEW no_function AS SELECT MD5(name) AS m FROM item;
CREATE VIEW no_syntax AS SELECT GROUP_CONCAT(name ORDER BY id LIMIT 1) AS m FROM item;
CREATE VIEW mixed AS SELECT id FROM item WHERE name = CAST(price AS char);
CREATE VIEW over_left_out AS SELECT m FROM no_syntax;
CREATE VIEW cut AS SELECT CAST(name AS binary(3)) AS b FROM item;
CREATE VIEW sorts_json AS SELECT id FROM item ORDER BY JSON_EXTRACT(data, '$.size.w');
CREATE VIEW path_json AS SELECT JSON_CONTAINS(data, '3', '$.size.w') AS c FROM item;
CREATE VIEW odd_pattern AS SELECT name REGEXP '[[:<:]]b' AS r FROM item;
CREATE VIEW references_ AS SELECT REGEXP_REPLACE(name, '(a)', '\\1\\1') AS r FROM item;
CREATE VIEW axes AS SELECT ST_AsText(ST_GeomFromText('POINT(1 2)', 4326)) AS p;
CREATE VIEW refused_late AS SELECT LPAD(name, 5) AS l FROM item;
DELIMITER //
CREATE PROCEDURE reads_refused() SELECT l FROM refused_late//
CREATE FUNCTION calls_unknown() RETURNS text DETERMINISTIC RETURN TO_CHAR(NOW(), 'YYYY')//
CREATE FUNCTION any_value(a int) RETURNS int DETERMINISTIC RETURN -a//
CREATE FUNCTION calls_own() RETURNS int DETERMINISTIC RETURN any_value(1)//
CREATE PROCEDURE calls_left_out() SELECT calls_unknown()//
CREATE PROCEDURE new_syntax() INSERT INTO log (item) VALUES (2) RETURNING id//
CREATE PROCEDURE looped() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END//
CREATE PROCEDURE typed() BEGIN DECLARE x TYPE OF item.id; SELECT x; END//
CREATE PROCEDURE next_number() SELECT NEXTVAL(numbers)//
CREATE PROCEDURE odd_variable() SET SESSION column_compression_threshold = 100//
CREATE PROCEDURE commented() SELECT 1 /*M!100000 + 1 */ //
CREATE TRIGGER log_insert BEFORE INSERT ON log FOR EACH ROW SET NEW.what = IFNULL(NEW.what, calls_unknown())//
SET sql_mode = 'ORACLE'//
CREATE PROCEDURE in_oracle AS BEGIN NULL; END//
SET sql_mode = 'EMPTY_STRING_IS_NULL'//
CREATE FUNCTION empty_is_null() RETURNS int DETERMINISTIC RETURN '' IS NULL//
DELIMITER ;
