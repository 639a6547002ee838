-- An ERP: foreign keys that go round in circles, to the table itself, over several columns, into another database.
CREATE DATABASE erp CHARACTER SET utf8mb3;
USE erp;
SET sql_mode = '', foreign_key_checks = 0;

CREATE TABLE company (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, parent int, currency int NOT NULL, owner int, name varchar(80) NOT NULL, UNIQUE KEY (name),
  CONSTRAINT company_parent FOREIGN KEY (parent) REFERENCES company (id), CONSTRAINT company_currency FOREIGN KEY (currency) REFERENCES currency (id),
  CONSTRAINT company_owner FOREIGN KEY (owner) REFERENCES partner (id)) AUTO_INCREMENT=50;
CREATE TABLE currency (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, code char(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, rate decimal(20,12) NOT NULL DEFAULT '1.000000000000', company int,
  UNIQUE KEY (code), CONSTRAINT currency_company FOREIGN KEY (company) REFERENCES company (id), CHECK (rate > 0));
CREATE TABLE partner (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, company int, parent int, employee int, name varchar(120) COLLATE utf8mb3_unicode_ci, vat varchar(20) CHARACTER SET ascii,
  KEY (vat), CONSTRAINT `partner.company` FOREIGN KEY (company) REFERENCES company (id), CONSTRAINT `partner "s parent` FOREIGN KEY (parent) REFERENCES partner (id),
  CONSTRAINT `partner's %` FOREIGN KEY (employee) REFERENCES employee (id));
CREATE TABLE department (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, company int NOT NULL, manager int, parent int, name varchar(60) CHARACTER SET utf8mb4 NOT NULL,
  UNIQUE KEY company_id (company, id), FOREIGN KEY (company) REFERENCES company (id), FOREIGN KEY (manager) REFERENCES employee (id), FOREIGN KEY (company, parent) REFERENCES department (company, id));
CREATE TABLE employee (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, company int NOT NULL, department int NOT NULL, coach int, user varchar(32) CHARACTER SET latin1 NOT NULL,
  hired date NOT NULL DEFAULT '0000-00-00', salary decimal(12,2) DEFAULT NULL, photo mediumblob, UNIQUE KEY (user),
  CONSTRAINT employee_department FOREIGN KEY (company, department) REFERENCES department (company, id), CONSTRAINT employee_coach FOREIGN KEY (coach) REFERENCES employee (id),
  CONSTRAINT employee_user FOREIGN KEY (user) REFERENCES account_user (login) ON UPDATE RESTRICT ON DELETE RESTRICT) AUTO_INCREMENT=2147483000;
CREATE TABLE account_user (login varchar(32) CHARACTER SET latin1 NOT NULL PRIMARY KEY, secret varbinary(60) NOT NULL DEFAULT '', partner int, FOREIGN KEY (partner) REFERENCES partner (id));
CREATE TABLE country (code char(2) CHARACTER SET ascii NOT NULL PRIMARY KEY, name varchar(60), capital int, CONSTRAINT country_capital FOREIGN KEY (code, capital) REFERENCES city (country, id));
CREATE TABLE city (country char(2) CHARACTER SET ascii NOT NULL, id int NOT NULL, name varchar(60), PRIMARY KEY (country, id), CONSTRAINT city_country FOREIGN KEY (country) REFERENCES country (code));
CREATE TABLE ledger (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, company int NOT NULL, code varchar(12) CHARACTER SET ascii NOT NULL, parent bigint, kind enum('asset','liability','equity','income','expense') CHARACTER SET ascii NOT NULL,
  UNIQUE KEY (company, code), CONSTRAINT ledger_company FOREIGN KEY (company) REFERENCES company (id), CONSTRAINT ledger_parent FOREIGN KEY (parent) REFERENCES ledger (id));
CREATE TABLE journal (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, company int NOT NULL, debit bigint, credit bigint, seq int unsigned NOT NULL DEFAULT 1,
  CONSTRAINT journal_debit FOREIGN KEY (debit) REFERENCES ledger (id), CONSTRAINT journal_credit FOREIGN KEY (credit) REFERENCES ledger (id), FOREIGN KEY (company) REFERENCES company (id));
CREATE TABLE entry (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, journal int NOT NULL, state enum('draft','posted','cancel') NOT NULL DEFAULT 'draft', reversal bigint,
  posted timestamp(6) NULL DEFAULT NULL, number varchar(40) GENERATED ALWAYS AS (concat(journal, '/', lpad(id0, 6, '0'))) VIRTUAL, id0 int NOT NULL DEFAULT 0,
  KEY number (number), UNIQUE KEY reversal (reversal), CONSTRAINT entry_journal FOREIGN KEY (journal) REFERENCES journal (id), CONSTRAINT entry_reversal FOREIGN KEY (reversal) REFERENCES entry (id)) COMMENT='a journal entry';
CREATE TABLE entry_line (entry bigint NOT NULL, line int NOT NULL, ledger bigint NOT NULL, debit decimal(18,4) NOT NULL DEFAULT 0, credit decimal(18,4) NOT NULL DEFAULT 0, partner int, matched_entry bigint, matched_line int,
  balance decimal(19,4) AS (debit - credit) STORED, PRIMARY KEY (entry, line), KEY balance (balance), CONSTRAINT line_entry FOREIGN KEY (entry) REFERENCES entry (id), CONSTRAINT line_ledger FOREIGN KEY (ledger) REFERENCES ledger (id),
  CONSTRAINT line_partner FOREIGN KEY (partner) REFERENCES partner (id), CONSTRAINT line_match FOREIGN KEY (matched_entry, matched_line) REFERENCES entry_line (entry, line), CONSTRAINT not_both CHECK (debit >= 0 and credit >= 0));
CREATE TABLE product_template (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, shop_product bigint unsigned, uom int, bom int, name varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL,
  CONSTRAINT template_shop FOREIGN KEY (shop_product) REFERENCES store.product (id), CONSTRAINT template_uom FOREIGN KEY (uom) REFERENCES uom (id), CONSTRAINT template_bom FOREIGN KEY (bom) REFERENCES bom (id));
CREATE TABLE uom (id int NOT NULL PRIMARY KEY, base int, factor double NOT NULL DEFAULT 1e-3, rounding float NOT NULL DEFAULT 0.01, FOREIGN KEY (base) REFERENCES uom (id));
CREATE TABLE bom (id int NOT NULL PRIMARY KEY, product int NOT NULL, qty decimal(10,3) NOT NULL DEFAULT '1.000', FOREIGN KEY (product) REFERENCES product_template (id));
CREATE TABLE bom_line (bom int NOT NULL, product int NOT NULL, qty decimal(10,3) NOT NULL, PRIMARY KEY (bom, product), FOREIGN KEY (bom) REFERENCES bom (id), FOREIGN KEY (product) REFERENCES product_template (id));
CREATE TABLE sale (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, shop_order int unsigned, partner int NOT NULL, salesman int, at datetime(6) DEFAULT CURRENT_TIMESTAMP(6), data json, note varchar(200) CHARACTER SET utf8mb4 DEFAULT (concat('a', 'b,c')),
  CONSTRAINT sale_order FOREIGN KEY (shop_order) REFERENCES store.`order` (`key`), CONSTRAINT sale_partner FOREIGN KEY (partner) REFERENCES partner (id), CONSTRAINT sale_salesman FOREIGN KEY (salesman) REFERENCES employee (id));
CREATE TABLE sale_line (id int NOT NULL AUTO_INCREMENT, sale int NOT NULL, product int NOT NULL, qty decimal(10,3) NOT NULL DEFAULT 1, price decimal(18,4) NOT NULL DEFAULT 0, total decimal(28,7) AS (qty * price) VIRTUAL,
  PRIMARY KEY (sale, id), UNIQUE KEY id (id), KEY total (total), FOREIGN KEY (sale) REFERENCES sale (id), FOREIGN KEY (product) REFERENCES product_template (id)) AUTO_INCREMENT=77;
CREATE TABLE `Sale` (id int PRIMARY KEY, sale int, FOREIGN KEY (sale) REFERENCES sale (id));
CREATE TABLE attachment (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, model varchar(64) CHARACTER SET ascii NOT NULL, res int NOT NULL, data longblob, checksum char(40) CHARACTER SET latin1 COLLATE latin1_bin, meta text CHARACTER SET utf8mb4, KEY model_res (model, res)) AUTO_INCREMENT=33;
SET foreign_key_checks = 1;

CREATE VIEW balance AS SELECT l.company, l.code, SUM(e.balance) AS balance FROM ledger l LEFT JOIN entry_line e ON e.ledger = l.id GROUP BY l.company, l.code;
CREATE VIEW `all.sales` AS SELECT s.id, p.name, o.total FROM sale s JOIN partner p ON p.id = s.partner LEFT JOIN store.`order` o ON o.`key` = s.shop_order;
CREATE VIEW across AS SELECT a.id, c.sku FROM `all.sales` a CROSS JOIN store.cheap c;
DELIMITER //
CREATE FUNCTION company_of(login varchar(32) CHARSET latin1) RETURNS int READS SQL DATA RETURN (SELECT company FROM employee WHERE user = login LIMIT 1)//
CREATE TRIGGER entry_posted BEFORE UPDATE ON entry FOR EACH ROW BEGIN IF OLD.state = 'draft' AND NEW.state = 'posted' THEN SET NEW.posted = now(6); END IF; END//
DELIMITER ;
