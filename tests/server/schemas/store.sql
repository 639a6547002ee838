-- A shop: reserved words as names, attributes and values, money, prices by period, odd members of ENUM and SET.
CREATE DATABASE store CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE store;
SET sql_mode = '';

CREATE TABLE customer (
  entity_id int unsigned NOT NULL AUTO_INCREMENT COMMENT 'Entity ID', `group` smallint unsigned DEFAULT 1,
  email varchar(255) COLLATE utf8mb4_general_ci DEFAULT NULL, created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, locked timestamp NULL DEFAULT NULL,
  dob date DEFAULT '0000-00-00', gender enum('','m','f','?') DEFAULT '', flags set('','a b','it''s','"x"','\\','%','_') NOT NULL DEFAULT 'a b,it''s',
  PRIMARY KEY (entity_id), UNIQUE KEY email (email), KEY (`group`)
) AUTO_INCREMENT=10000001 COMMENT='Customer "Entity"';
CREATE TABLE customer_address (
  entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, parent_id int unsigned DEFAULT NULL, is_default tinyint(1) NOT NULL DEFAULT '1',
  street text NOT NULL, city varchar(255) CHARACTER SET latin1 NOT NULL DEFAULT 'Köln', country char(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'DE',
  place point NOT NULL, SPATIAL KEY place (place), KEY city (city(10), country),
  CONSTRAINT address_customer FOREIGN KEY (parent_id) REFERENCES customer (entity_id) /*!90600 ON DELETE CASCADE */
);
CREATE TABLE category (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, parent int, `left` int NOT NULL, `right` int NOT NULL, name varchar(64) NOT NULL,
  path varchar(255) CHARACTER SET ascii NOT NULL, CONSTRAINT category_parent FOREIGN KEY (parent) REFERENCES category (id),
  UNIQUE KEY `name.of%all` (parent, name), CONSTRAINT nested CHECK (`left` <= `right`)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE product (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, sku varchar(64) COLLATE utf8mb4_bin NOT NULL,
  type enum('simple','bündel','downloadable','it''s','a,b','tail ') NOT NULL DEFAULT 'simple', price decimal(20,6) NOT NULL DEFAULT '0.000000',
  weight float(7,3) unsigned zerofill DEFAULT NULL, tax double(8,2) DEFAULT '19.00', qty int(10) unsigned zerofill NOT NULL DEFAULT '0000000001',
  gross decimal(22,6) GENERATED ALWAYS AS (price * 1.19) VIRTUAL COMMENT 'computed', label varchar(80) GENERATED ALWAYS AS (concat(sku, ':', 'é''s\\')) STORED,
  secret varchar(20) INVISIBLE DEFAULT 'x', released year DEFAULT 2001, `default` longtext,
  UNIQUE KEY sku (sku), KEY gross (gross), KEY label (label), KEY `type` (`type`, released DESC) /*!80000 INVISIBLE */ /*M!100600 IGNORED */,
  CONSTRAINT price_positive CHECK (price >= 0), CHECK (sku <> 'none')
) AUTO_INCREMENT=501 ROW_FORMAT=DYNAMIC STATS_PERSISTENT=1 STATS_AUTO_RECALC=0 STATS_SAMPLE_PAGES=7;
CREATE TABLE product_varchar (
  value_id int NOT NULL AUTO_INCREMENT, attribute_id smallint unsigned NOT NULL DEFAULT '0', store_id smallint unsigned NOT NULL DEFAULT '0',
  entity_id bigint unsigned NOT NULL DEFAULT '0', value varchar(255) DEFAULT NULL, PRIMARY KEY (value_id),
  UNIQUE KEY `CATALOG_PRODUCT_ENTITY_VARCHAR_ENTITY_ID_ATTRIBUTE_ID_STORE_ID_` (entity_id, attribute_id, store_id),
  CONSTRAINT `CATALOG_PRODUCT_ENTITY_VARCHAR_ENTITY_ID_ATTRIBUTE_ID_STORE_FK_1` FOREIGN KEY (entity_id) REFERENCES product (id)
);
CREATE TABLE product_text LIKE product_varchar;
ALTER TABLE product_text MODIFY value mediumtext, ADD FULLTEXT KEY value (value), COMMENT 'longer';
CREATE TABLE category_product (
  entity int NOT NULL AUTO_INCREMENT, category int NOT NULL, product bigint unsigned NOT NULL, position int NOT NULL DEFAULT 0,
  PRIMARY KEY (entity, category, product), UNIQUE KEY (category, product), KEY (product),
  FOREIGN KEY (category) REFERENCES category (id), FOREIGN KEY (product) REFERENCES product (id) ON UPDATE RESTRICT
);
CREATE TABLE price_period (
  product bigint unsigned NOT NULL, `from` date NOT NULL DEFAULT '1000-01-01', `to` date NOT NULL DEFAULT '9999-12-31', price decimal(65,30) NOT NULL,
  currency char(3) CHARACTER SET ascii NOT NULL DEFAULT 'EUR', PRIMARY KEY (product, `from`, `to`)
) KEY_BLOCK_SIZE=8 ROW_FORMAT=COMPRESSED;
CREATE TABLE `order` (
  `key` int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, `select` varchar(32) CHARACTER SET utf8mb3 DEFAULT NULL, `where` varchar(50) DEFAULT NULL,
  `order` datetime NOT NULL DEFAULT '0000-00-00 00:00:00', `table` datetime(3) DEFAULT NULL, customer int unsigned, total decimal(12,4) NOT NULL DEFAULT '-1.5000',
  options json DEFAULT NULL, note text DEFAULT ('nothing; it''s "so"'), token varchar(36) DEFAULT (uuid()), doubled decimal(13,4) DEFAULT (total * 2),
  KEY `index` (`select`(8), `where`), CONSTRAINT order_customer FOREIGN KEY (customer) REFERENCES customer (entity_id) ON DELETE NO ACTION ON UPDATE NO ACTION
) AUTO_INCREMENT=4000000000;
CREATE TABLE order_item (
  item_id int unsigned NOT NULL AUTO_INCREMENT, `order` int unsigned NOT NULL, parent_item int unsigned DEFAULT NULL, product bigint unsigned DEFAULT NULL,
  qty decimal(12,4) DEFAULT '1.0000', KEY item (item_id), PRIMARY KEY (`order`, item_id), CONSTRAINT item_order FOREIGN KEY (`order`) REFERENCES `order` (`key`),
  CONSTRAINT item_item FOREIGN KEY (`order`, parent_item) REFERENCES order_item (`order`, item_id)
) ROW_FORMAT=COMPACT;
CREATE TABLE stock (product bigint unsigned NOT NULL, warehouse varchar(16) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL, qty decimal(12,4) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (warehouse, product), CHECK (qty < 1000000)) ROW_FORMAT=REDUNDANT;
CREATE TABLE session (session_id varchar(255) CHARACTER SET ascii NOT NULL PRIMARY KEY, expires int unsigned NOT NULL DEFAULT '0', data mediumblob NOT NULL);
CREATE TABLE coupon (code varchar(32) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, used bit(8) NOT NULL DEFAULT b'00000101', mask bit(64) DEFAULT b'111',
  until datetime DEFAULT '2038-01-19 03:14:07', hours time DEFAULT '-838:59:59', fine time(6) DEFAULT '00:00:00.000001');
CREATE TABLE flag_table (flag_id int NOT NULL PRIMARY KEY, e enum('0','1','-1','NULL','',' ','2 ') DEFAULT '', s set('x','X y','é') CHARACTER SET latin1 DEFAULT '');

CREATE VIEW stocked AS SELECT p.id, p.sku, SUM(s.qty) AS qty FROM product p JOIN stock s ON s.product = p.id GROUP BY p.id, p.sku HAVING qty > 0;
CREATE VIEW cheap AS SELECT id, sku, price FROM product WHERE price < 10 WITH CASCADED CHECK OPTION;
DELIMITER //
CREATE FUNCTION with_tax(net decimal(20,6)) RETURNS decimal(20,6) DETERMINISTIC NO SQL COMMENT 'it''s "19 %"' RETURN net * 1.19//
CREATE PROCEDURE close_order(IN id int unsigned, OUT total decimal(20,4)) READS SQL DATA SQL SECURITY INVOKER
BEGIN
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET total = NULL;
  SELECT with_tax(o.total) INTO total FROM `order` o WHERE o.`key` = id; /* the `key` */
END//
CREATE TRIGGER b_item BEFORE INSERT ON order_item FOR EACH ROW SET NEW.qty = IFNULL(NEW.qty, 1)//
CREATE TRIGGER a_item BEFORE INSERT ON order_item FOR EACH ROW PRECEDES b_item IF NEW.qty > 100 THEN SET NEW.qty = 100; END IF//
DELIMITER ;
CREATE VIEW priced AS SELECT c.id, with_tax(c.price) AS gross FROM cheap c;
