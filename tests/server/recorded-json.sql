-- Changes of JSON documents. recorded_test.sh runs them once with and once without the logging of
-- partial documents: the rows must be the same.
CREATE TABLE docs (id INT PRIMARY KEY, n INT, j JSON, k JSON);
INSERT INTO docs VALUES
  (1, 0, '{"a": 1, "b": "text", "list": [1, 2, 3], "o": {"p": null}}', '[1, 2, 3]'),
  (2, 0, JSON_OBJECT('d', CAST(1.50 AS DECIMAL(10, 3)), 'dt', CAST('2024-01-01 10:00:00.5' AS DATETIME(6)), 't', CAST('-10:00:00.25' AS TIME(6)), 'b', x'00ff', 'u', 18446744073709551615), NULL),
  (3, 0, CONCAT('{"big": "', REPEAT('x', 80000), '", "small": 1}'), '{}'), (4, 0, NULL, NULL);
UPDATE docs SET j = JSON_SET(j, '$.a', 'new value', '$.c', 5, '$.list[1]', JSON_OBJECT('x', 1)) WHERE id = 1;
UPDATE docs SET j = JSON_REPLACE(j, '$.b', CAST('text' AS JSON), '$.o.p', TRUE) WHERE id = 1 AND FALSE;
UPDATE docs SET j = JSON_REPLACE(j, '$.b', 'it''s \\ "quoted"', '$.o.p', TRUE), k = JSON_REPLACE(k, '$[0]', 'one') WHERE id = 1;
UPDATE docs SET j = JSON_REMOVE(j, '$.list[0]', '$.c'), k = JSON_REMOVE(k, '$[2]') WHERE id = 1;
UPDATE docs SET j = JSON_REMOVE(j, '$.u', '$.dt') WHERE id = 2;
UPDATE docs SET j = JSON_SET(j, '$.d', CAST(-2.25 AS DECIMAL(10, 3)), '$."a b"."c"', 1, '$.f', 1.5e0) WHERE id = 2;
UPDATE docs SET j = JSON_SET(j, '$.small', JSON_ARRAY(1, 2, 'x'), '$."key.with dots é"', 1) WHERE id = 3;
UPDATE docs SET j = JSON_SET(j, '$.small[1]', JSON_ARRAY(id)), n = n + 1;
UPDATE docs SET j = JSON_REMOVE(j, '$.big') WHERE id = 3;
UPDATE docs SET j = JSON_ARRAY(j), k = j; UPDATE docs SET n = n + 1; UPDATE docs SET k = NULL; DELETE FROM docs;
