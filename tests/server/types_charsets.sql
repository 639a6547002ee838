-- A table with text in every character set that the server has: as VARCHAR, ENUM and key.
USE types;
SET sql_mode = '', group_concat_max_len = 1000000;
SET @columns = (SELECT GROUP_CONCAT(CONCAT('c_', n, ' VARCHAR(30) CHARACTER SET ', n, ', e_', n, ' ENUM(''a'', ''~'') CHARACTER SET ', n) ORDER BY n)
  FROM (SELECT CHARACTER_SET_NAME n FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME NOT IN ('binary', 'filename', 'utf8')) c);
SET @create = CONCAT('CREATE TABLE every_charset (id INT PRIMARY KEY, ', @columns, ')');
PREPARE s FROM @create;
EXECUTE s;
-- What a character set lacks becomes '?', which it is for the source, too.
CREATE TEMPORARY TABLE samples (id INT PRIMARY KEY, t VARCHAR(30), e INT);
INSERT INTO samples VALUES (1, 'aZ09 ~\\''"`|', 1), (2, 'éÀßøÿ€ŠžĐ', 2), (3, 'жЫЭёїѢ', 0), (4, '中文表ソ許功蓋十能', 1), (5, 'ｱ한글アヌ', 2), (6, 'שלוםกขΩλաა', 1), (7, '🚀', 1), (8, '', NULL), (9, 'tab\t\n\r\0 ', 1);
SET @insert = (SELECT CONCAT('INSERT INTO every_charset SELECT id, ', GROUP_CONCAT('t, e' ORDER BY n), ' FROM samples')
  FROM (SELECT CHARACTER_SET_NAME n FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME NOT IN ('binary', 'filename', 'utf8')) c);
PREPARE s FROM @insert;
EXECUTE s;
DROP TEMPORARY TABLE samples;
