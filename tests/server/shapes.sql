-- Database "shop": every shape of table. @n scales it.
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE shop;

CREATE TABLE customer (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(120) COLLATE utf8mb4_unicode_ci NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL,
  balance DECIMAL(14, 4) NOT NULL DEFAULT 0,
  vip BOOLEAN,
  changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  note TEXT,
  KEY (name, vip)
) COMMENT = 'it''s a \\ comment';
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  customer INT UNSIGNED NOT NULL,
  state ENUM('new', 'paid', '', 'sent') NOT NULL DEFAULT 'new',
  placed DATETIME(3) NOT NULL,
  document JSON,
  KEY (state, placed),
  CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES customer (id)
);
CREATE TABLE order_line (
  order_id BIGINT UNSIGNED NOT NULL,
  line SMALLINT NOT NULL,
  sku CHAR(8) CHARACTER SET ascii NOT NULL,
  quantity SMALLINT UNSIGNED NOT NULL,
  price DECIMAL(10, 2) NOT NULL,
  total DECIMAL(14, 2) AS (quantity * price) STORED,
  pieces INT AS (quantity + line) VIRTUAL,
  PRIMARY KEY (order_id, line),
  KEY (sku),
  KEY (pieces),
  FOREIGN KEY (order_id) REFERENCES orders (id)
);
-- Key text that a collation holds to be equal in many spellings.
CREATE TABLE word (
  word VARCHAR(40) COLLATE utf8mb4_unicode_ci NOT NULL PRIMARY KEY,
  meaning VARCHAR(400)
);
CREATE TABLE customer_word (
  customer INT UNSIGNED NOT NULL,
  word VARCHAR(40) COLLATE utf8mb4_unicode_ci NOT NULL,
  weight FLOAT,
  PRIMARY KEY (word, customer),
  FOREIGN KEY (customer) REFERENCES customer (id),
  FOREIGN KEY (word) REFERENCES word (word)
);
CREATE TABLE latin (
  name VARCHAR(20) NOT NULL PRIMARY KEY,
  n INT
) CHARACTER SET latin1 COLLATE latin1_german2_ci;
CREATE TABLE binary_key (id BINARY(8) NOT NULL PRIMARY KEY, value VARBINARY(64), flags BIT(12) NOT NULL);
CREATE TABLE unique_only (code CHAR(16) NOT NULL UNIQUE, value VARBINARY(1000), n INT NOT NULL);
CREATE TABLE two_unique (id INT NOT NULL PRIMARY KEY, u INT UNIQUE, v VARCHAR(20) UNIQUE, w INT);
CREATE TABLE node (
  id INT NOT NULL PRIMARY KEY,
  parent INT,
  name VARCHAR(40) NOT NULL,
  FOREIGN KEY (parent) REFERENCES node (id)
);
CREATE TABLE measured (
  station INT NOT NULL,
  day DATE NOT NULL,
  value DOUBLE,
  PRIMARY KEY (station, day)
) PARTITION BY RANGE COLUMNS (day) (
  PARTITION p0 VALUES LESS THAN ('2024-01-01'),
  PARTITION p1 VALUES LESS THAN ('2025-01-01'),
  PARTITION p2 VALUES LESS THAN (MAXVALUE));
CREATE TABLE `odd ``name``` (`a b` INT NOT NULL PRIMARY KEY, `select` VARCHAR(20), `é` INT INVISIBLE);
CREATE TABLE empty_one (id INT NOT NULL PRIMARY KEY);
-- Without a key: rows may be equal. A unique key that may be NULL is none.
CREATE TABLE hit (at DATETIME(6), url VARCHAR(100), status SMALLINT, seconds DOUBLE, note TEXT);
CREATE TABLE visit (customer INT UNSIGNED, token VARCHAR(12), size FLOAT, body BLOB, bits BIT(9), UNIQUE (token), KEY (customer));

CREATE VIEW open_orders AS SELECT o.id, c.email FROM orders o JOIN customer c ON c.id = o.customer WHERE o.state = 'new';
CREATE VIEW open_count AS SELECT COUNT(*) n FROM open_orders;
DELIMITER //
CREATE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n DIV 2//
CREATE PROCEDURE ship(IN wanted BIGINT)
BEGIN
  UPDATE orders SET state = 'sent' WHERE id = wanted;
END//
CREATE TRIGGER order_changed AFTER UPDATE ON orders FOR EACH ROW
BEGIN
  IF NOT (OLD.state <=> NEW.state) THEN
    INSERT INTO hit VALUES (NOW(6), CONCAT('/orders/', NEW.id), half(400), NULL, NEW.state);
  END IF;
END//
CREATE TRIGGER customer_added BEFORE INSERT ON customer FOR EACH ROW SET NEW.name = TRIM(NEW.name)//
DELIMITER ;

INSERT INTO customer (id, email, name, balance, vip, note)
  SELECT seq, CONCAT('c', seq, '@example.org'), CONCAT('Jörg ', seq, ' 李'), seq / 7, NULLIF(seq % 3, 2),
    CASE seq % 4 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE REPEAT('text ', seq % 50) END
  FROM seq_1_to_1000000 WHERE seq <= @n;
INSERT INTO orders SELECT seq * 10, 1 + seq % @n, 1 + seq % 4, '2024-02-29 12:00:00.123' + INTERVAL seq MINUTE,
    IF(seq % 5, JSON_OBJECT('n', seq, 'tags', JSON_ARRAY('a', 'ü')), NULL)
  FROM seq_1_to_1000000 WHERE seq <= @n;
INSERT INTO order_line (order_id, line, sku, quantity, price)
  SELECT o.id, s.seq, CONCAT('S', o.id % 1000), s.seq, o.id % 977 / 10 FROM orders o, seq_1_to_3 s;
INSERT INTO word SELECT CONCAT(ELT(1 + seq % 4, 'a', 'É', 'ß', 'Ω'), seq), CONCAT('number ', seq)
  FROM seq_1_to_1000000 WHERE seq <= @n DIV 2;
INSERT INTO customer_word SELECT c.id, w.word, c.id / 3
  FROM customer c JOIN (SELECT word, CAST(SUBSTR(meaning, 8) AS INT) n FROM word LIMIT 97) w ON w.n % 97 = c.id % 97;
INSERT INTO latin SELECT CONCAT('Straße ', seq), seq FROM seq_1_to_1000;
INSERT INTO binary_key SELECT UNHEX(LPAD(HEX(seq * 256), 16, '0')), IF(seq % 3, UNHEX(MD5(seq)), NULL), seq % 4096
  FROM seq_1_to_1000000 WHERE seq <= @n;
INSERT INTO unique_only SELECT CONCAT('u', seq), IF(seq % 3, MD5(seq), NULL), seq FROM seq_1_to_1000000 WHERE seq <= @n;
INSERT INTO two_unique SELECT seq, seq, CONCAT('v', seq), 0 FROM seq_1_to_1000000 WHERE seq <= @n;
INSERT INTO node SELECT seq, NULLIF(seq DIV 2, 0), CONCAT('node ', seq) FROM seq_1_to_1000000 WHERE seq <= @n;
INSERT INTO measured SELECT seq % 50, '2023-06-01' + INTERVAL seq DIV 50 DAY, SQRT(seq) FROM seq_1_to_1000000 WHERE seq <= @n;
INSERT INTO `odd ``name``` (`a b`, `select`, `é`) SELECT seq, CONCAT('x''', seq), -seq FROM seq_1_to_100;
INSERT INTO hit SELECT NOW(6), CONCAT('/', seq % 50), IF(seq % 7, 200, NULL), seq % 10 / 3, IF(seq % 2, 'n', '')
  FROM seq_1_to_1000000 WHERE seq <= LEAST(@n, 3000);
INSERT INTO visit SELECT 1 + seq % 40, IF(seq % 3, CONCAT('t', seq), NULL), seq % 9 / 7, IF(seq % 2, MD5(seq % 5), NULL), seq % 512
  FROM seq_1_to_1000000 WHERE seq <= LEAST(@n, 3000);
