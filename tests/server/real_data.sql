-- The databases babel and debian. Read by a client whose working directory has the .tsv files.

CREATE DATABASE babel CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE DATABASE debian CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

USE babel;

CREATE TABLE script (
  code CHAR(4) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  number SMALLINT(3) UNSIGNED ZEROFILL NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL
);
CREATE TABLE language (
  code CHAR(3) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  short_code CHAR(2) CHARACTER SET ascii UNIQUE,
  scope ENUM('I', 'M', 'S') NOT NULL COMMENT 'individual, macrolanguage, special',
  type ENUM('A', 'C', 'E', 'H', 'L', 'S') NOT NULL COMMENT 'ancient, constructed, extinct, historical, living, special',
  name VARCHAR(100) NOT NULL,
  inverted_name VARCHAR(100),
  KEY (name)
);
CREATE TABLE currency (
  code CHAR(3) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  number SMALLINT UNSIGNED NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL,
  rate DECIMAL(20, 8) NOT NULL DEFAULT 1 COMMENT 'invented; the writer changes it',
  changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)
);
CREATE TABLE country (
  code CHAR(2) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  code3 CHAR(3) CHARACTER SET ascii NOT NULL UNIQUE,
  number SMALLINT(3) UNSIGNED ZEROFILL NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL,
  official_name VARCHAR(150),
  flag VARCHAR(2) COLLATE utf8mb4_bin NOT NULL
);
CREATE TABLE former_country (
  code CHAR(4) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  withdrawn DATE NOT NULL,
  comment TEXT
);
CREATE TABLE subdivision (
  code VARCHAR(6) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  country CHAR(2) CHARACTER SET ascii NOT NULL,
  parent VARCHAR(6) CHARACTER SET ascii,
  kind VARCHAR(80) NOT NULL,
  name VARCHAR(150) NOT NULL,
  FOREIGN KEY (country) REFERENCES country (code),
  FOREIGN KEY (parent) REFERENCES subdivision (code)
);
CREATE TABLE locale (code VARCHAR(20) CHARACTER SET ascii NOT NULL PRIMARY KEY);

CREATE TABLE country_name (
  country CHAR(2) CHARACTER SET ascii NOT NULL,
  locale VARCHAR(20) CHARACTER SET ascii NOT NULL,
  name VARCHAR(200) NOT NULL,
  PRIMARY KEY (country, locale),
  FOREIGN KEY (country) REFERENCES country (code),
  FOREIGN KEY (locale) REFERENCES locale (code)
);
CREATE TABLE subdivision_name (
  subdivision VARCHAR(6) CHARACTER SET ascii NOT NULL,
  locale VARCHAR(20) CHARACTER SET ascii NOT NULL,
  name VARCHAR(200) NOT NULL,
  PRIMARY KEY (subdivision, locale),
  FOREIGN KEY (subdivision) REFERENCES subdivision (code),
  FOREIGN KEY (locale) REFERENCES locale (code)
);
CREATE TABLE language_name (
  language CHAR(3) CHARACTER SET ascii NOT NULL,
  locale VARCHAR(20) CHARACTER SET ascii NOT NULL,
  name VARCHAR(200) NOT NULL,
  PRIMARY KEY (locale, language),
  FOREIGN KEY (language) REFERENCES language (code),
  FOREIGN KEY (locale) REFERENCES locale (code)
);
CREATE TABLE script_name LIKE country_name;
ALTER TABLE script_name CHANGE country script CHAR(4) CHARACTER SET ascii NOT NULL,
  ADD FOREIGN KEY (script) REFERENCES script (code), ADD FOREIGN KEY (locale) REFERENCES locale (code);
CREATE TABLE currency_name LIKE country_name;
ALTER TABLE currency_name CHANGE country currency CHAR(3) CHARACTER SET ascii NOT NULL,
  ADD FOREIGN KEY (currency) REFERENCES currency (code), ADD FOREIGN KEY (locale) REFERENCES locale (code);

CREATE TABLE block (
  first INT UNSIGNED NOT NULL PRIMARY KEY,
  last INT UNSIGNED NOT NULL UNIQUE,
  name VARCHAR(60) NOT NULL UNIQUE
);
CREATE TABLE `character` (
  code INT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(100) CHARACTER SET ascii NOT NULL,
  category CHAR(2) CHARACTER SET ascii NOT NULL,
  block INT UNSIGNED NOT NULL,
  script CHAR(4) CHARACTER SET ascii,
  unicode_version DECIMAL(4, 1) NOT NULL,
  numeric_value DECIMAL(30, 12),
  text VARCHAR(1) COLLATE utf8mb4_bin NOT NULL,
  utf8 VARBINARY(4) NOT NULL,
  utf16 BLOB NOT NULL,
  KEY (name),
  FOREIGN KEY (block) REFERENCES block (first),
  FOREIGN KEY (script) REFERENCES script (code)
);
CREATE TABLE reading (
  `character` INT UNSIGNED NOT NULL,
  kind VARCHAR(20) CHARACTER SET ascii NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (`character`, kind),
  FOREIGN KEY (`character`) REFERENCES `character` (code)
);

CREATE FUNCTION local_name(wanted CHAR(2), wanted_locale VARCHAR(20)) RETURNS VARCHAR(200) READS SQL DATA
  RETURN (SELECT name FROM country_name WHERE country = wanted AND locale = wanted_locale);
CREATE VIEW country_in_short AS
  SELECT c.code, c.flag, c.name, COUNT(s.code) subdivisions
  FROM country c LEFT JOIN subdivision s ON s.country = c.code GROUP BY c.code;

USE debian;

CREATE TABLE package (
  name VARCHAR(100) NOT NULL,
  architecture VARCHAR(20) CHARACTER SET ascii NOT NULL,
  version VARCHAR(100) NOT NULL,
  section VARCHAR(60),
  priority ENUM('required', 'important', 'standard', 'optional', 'extra') NOT NULL,
  installed_kib INT UNSIGNED NOT NULL,
  maintainer VARCHAR(200) NOT NULL,
  summary VARCHAR(250) NOT NULL,
  description MEDIUMTEXT NOT NULL,
  stanza MEDIUMBLOB NOT NULL,
  PRIMARY KEY (name, architecture),
  KEY (section)
);
CREATE TABLE dependency (
  package VARCHAR(100) NOT NULL,
  architecture VARCHAR(20) CHARACTER SET ascii NOT NULL,
  kind ENUM('Pre-Depends', 'Depends', 'Recommends', 'Suggests', 'Breaks', 'Conflicts', 'Replaces') NOT NULL,
  item SMALLINT UNSIGNED NOT NULL,
  choice INT UNSIGNED NOT NULL,
  on_package VARCHAR(100) NOT NULL,
  version VARCHAR(100),
  PRIMARY KEY (package, architecture, kind, item, choice),
  KEY (on_package),
  FOREIGN KEY (package, architecture) REFERENCES package (name, architecture)
);
-- Two tables without any key of their own.
CREATE TABLE file (
  package VARCHAR(100) NOT NULL,
  architecture VARCHAR(20) CHARACTER SET ascii NOT NULL,
  path VARCHAR(500) NOT NULL,
  KEY (path),
  FOREIGN KEY (package, architecture) REFERENCES package (name, architecture)
);
CREATE TABLE history (
  at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  package VARCHAR(100) NOT NULL,
  kib_before INT UNSIGNED,
  kib_after INT UNSIGNED
);

CREATE VIEW most_wanted AS
  SELECT on_package package, COUNT(*) wanted_by FROM dependency WHERE kind = 'Depends' GROUP BY on_package;
DELIMITER //
CREATE TRIGGER package_resized AFTER UPDATE ON package FOR EACH ROW
  INSERT INTO history (package, kib_before, kib_after) VALUES (NEW.name, OLD.installed_kib, NEW.installed_kib)//
CREATE PROCEDURE resize(IN wanted VARCHAR(100), IN kib INT)
BEGIN
  UPDATE package SET installed_kib = GREATEST(1, CAST(installed_kib AS SIGNED) + kib) WHERE name = wanted;
END//
DELIMITER ;

-- Parents may stand behind their children in the files.
SET foreign_key_checks = 0;
USE babel;
LOAD DATA LOCAL INFILE 'script.tsv' INTO TABLE script (code, number, name);
LOAD DATA LOCAL INFILE 'language.tsv' INTO TABLE language (code, short_code, scope, type, name, inverted_name);
LOAD DATA LOCAL INFILE 'currency.tsv' INTO TABLE currency (code, number, name);
LOAD DATA LOCAL INFILE 'country.tsv' INTO TABLE country (code, code3, number, name, official_name, flag);
LOAD DATA LOCAL INFILE 'former_country.tsv' INTO TABLE former_country (code, name, withdrawn, comment);
LOAD DATA LOCAL INFILE 'subdivision.tsv' INTO TABLE subdivision (code, country, parent, kind, name);
LOAD DATA LOCAL INFILE 'locale.tsv' INTO TABLE locale (code);
LOAD DATA LOCAL INFILE 'country_name.tsv' INTO TABLE country_name (country, locale, name);
LOAD DATA LOCAL INFILE 'subdivision_name.tsv' INTO TABLE subdivision_name (subdivision, locale, name);
LOAD DATA LOCAL INFILE 'language_name.tsv' INTO TABLE language_name (language, locale, name);
LOAD DATA LOCAL INFILE 'script_name.tsv' INTO TABLE script_name (script, locale, name);
LOAD DATA LOCAL INFILE 'currency_name.tsv' INTO TABLE currency_name (currency, locale, name);
LOAD DATA LOCAL INFILE 'block.tsv' INTO TABLE block (first, last, name);
LOAD DATA LOCAL INFILE 'character.tsv' INTO TABLE `character`
  (code, name, category, block, script, unicode_version, numeric_value)
  SET text = CONVERT(CHAR(code USING utf32) USING utf8mb4), utf8 = CAST(text AS BINARY),
      utf16 = CONVERT(text USING utf16);
LOAD DATA LOCAL INFILE 'reading.tsv' INTO TABLE reading (@hex, kind, value)
  SET `character` = CONV(@hex, 16, 10);
USE debian;
LOAD DATA LOCAL INFILE 'package.tsv' INTO TABLE package
  (name, architecture, version, section, priority, installed_kib, maintainer, summary, description, stanza);
LOAD DATA LOCAL INFILE 'dependency.tsv' INTO TABLE dependency
  (package, architecture, kind, item, choice, on_package, version);
LOAD DATA LOCAL INFILE 'file.tsv' INTO TABLE file (package, architecture, path);
-- The writer's own corner: translations into a language that nobody speaks.
INSERT INTO babel.locale VALUES ('qaa'), ('qab');
ANALYZE TABLE babel.language_name, babel.`character`, babel.reading, debian.dependency, debian.file;
