-- A wiki: names and texts as bytes, tables whose names differ by case only, counters above the rows.
CREATE DATABASE wiki CHARACTER SET binary;
USE wiki;
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';

CREATE TABLE `user` (
  user_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_name varbinary(255) NOT NULL DEFAULT '',
  user_email tinyblob NOT NULL,
  user_token binary(32) NOT NULL DEFAULT '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0',
  user_touched binary(14) NOT NULL DEFAULT '20010115192713',
  user_registration binary(14) DEFAULT NULL,
  user_edits int DEFAULT NULL,
  UNIQUE KEY user_name (user_name), KEY user_email (user_email(50))
) AUTO_INCREMENT=100000 DEFAULT CHARSET=binary;

CREATE TABLE page (
  page_id int unsigned NOT NULL AUTO_INCREMENT,
  page_namespace int NOT NULL,
  page_title varbinary(255) NOT NULL,
  page_is_redirect tinyint unsigned NOT NULL DEFAULT '0',
  page_random double unsigned NOT NULL DEFAULT '0.5',
  page_touched binary(14) NOT NULL,
  page_length int unsigned NOT NULL,
  page_model varbinary(32) DEFAULT NULL,
  page_lang varbinary(35) DEFAULT NULL,
  PRIMARY KEY (page_id), UNIQUE KEY name_title (page_namespace, page_title),
  KEY page_random (page_random), KEY by_length (page_length DESC, page_id)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=binary;

CREATE TABLE Page (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'not `page`; it''s another "table"',
  Title varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE PAGE (id bigint PRIMARY KEY, title varchar(100) CHARACTER SET latin1 COLLATE latin1_general_cs);

CREATE TABLE revision (
  rev_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  rev_page int unsigned NOT NULL,
  rev_user int unsigned NOT NULL DEFAULT '0',
  rev_timestamp binary(14) NOT NULL DEFAULT '\0\0\0\0\0\0\0\0\0\0\0\0\0\0',
  rev_minor tinyint unsigned NOT NULL DEFAULT '0',
  rev_deleted set('text','comment','user','restricted') CHARACTER SET latin1 NOT NULL DEFAULT '',
  rev_parent bigint unsigned DEFAULT NULL,
  rev_sha1 varbinary(32) NOT NULL DEFAULT '',
  KEY rev_page_timestamp (rev_page, rev_timestamp), KEY rev_user (rev_user, rev_timestamp, rev_id)
) MAX_ROWS=10000000 AVG_ROW_LENGTH=1024 DEFAULT CHARSET=binary;

CREATE TABLE content (
  content_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  content_size int unsigned NOT NULL, content_sha1 varbinary(32) NOT NULL,
  content_model smallint unsigned NOT NULL, content_address varbinary(255) NOT NULL
) AUTO_INCREMENT=18446744073709551000 DEFAULT CHARSET=binary;
CREATE TABLE content_model (model_id smallint NOT NULL AUTO_INCREMENT PRIMARY KEY, model_name varbinary(64) NOT NULL, UNIQUE KEY (model_name))
  AUTO_INCREMENT=32000 DEFAULT CHARSET=binary;
CREATE TABLE slot (
  slot_revision bigint unsigned NOT NULL, slot_role smallint unsigned NOT NULL, slot_content bigint unsigned NOT NULL,
  slot_origin bigint unsigned NOT NULL, PRIMARY KEY (slot_revision, slot_role),
  KEY origin_role (slot_revision, slot_origin, slot_role)
) DEFAULT CHARSET=binary;
CREATE TABLE old_text (old_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, old_text mediumblob NOT NULL, old_flags tinyblob NOT NULL)
  ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4 MAX_ROWS=10000000 DEFAULT CHARSET=binary;

CREATE TABLE category (
  cat_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, cat_title varbinary(255) NOT NULL,
  cat_pages int NOT NULL DEFAULT '0', cat_files int NOT NULL DEFAULT '-1', UNIQUE KEY cat_title (cat_title), KEY cat_pages (cat_pages)
) DEFAULT CHARSET=binary;
CREATE TABLE categorylinks (
  cl_from int unsigned NOT NULL DEFAULT '0', cl_to varbinary(255) NOT NULL DEFAULT '',
  cl_sortkey varbinary(230) NOT NULL DEFAULT '', cl_sortkey_prefix varbinary(255) NOT NULL DEFAULT '',
  cl_timestamp timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  cl_collation varbinary(32) NOT NULL DEFAULT '', cl_type enum('page','subcat','file') CHARACTER SET latin1 NOT NULL DEFAULT 'page',
  PRIMARY KEY (cl_from, cl_to), KEY cl_sortkey (cl_to, cl_type, cl_sortkey, cl_from), KEY cl_timestamp (cl_to, cl_timestamp)
) DEFAULT CHARSET=binary;
-- No key at all, as such tables had.
CREATE TABLE langlinks (ll_from int unsigned NOT NULL, ll_lang varbinary(35), ll_title varbinary(255)) DEFAULT CHARSET=binary;

CREATE TABLE image (
  img_name varbinary(255) NOT NULL DEFAULT '' PRIMARY KEY, img_size bigint unsigned NOT NULL DEFAULT '0', img_width int NOT NULL DEFAULT '0',
  img_metadata mediumblob NOT NULL, img_bits bit(1) NOT NULL DEFAULT b'0', img_media enum('UNKNOWN','BITMAP','DRAWING','AUDIO','VIDEO') CHARACTER SET ascii DEFAULT NULL,
  img_major enum('unknown','application','audio','image','text','chemical') CHARACTER SET ascii NOT NULL DEFAULT 'unknown',
  img_hash binary(20) GENERATED ALWAYS AS (unhex(hex(left(img_name, 20)))) STORED,
  KEY img_hash (img_hash), KEY img_media (img_media, img_major) USING BTREE COMMENT 'two `enums`'
) DEFAULT CHARSET=binary;
CREATE TABLE watchlist (
  wl_user int unsigned NOT NULL, wl_namespace int NOT NULL DEFAULT '0', wl_title varbinary(255) NOT NULL DEFAULT '', wl_seen varbinary(14) DEFAULT NULL,
  UNIQUE KEY wl_user (wl_user, wl_namespace, wl_title), KEY namespace_title (wl_namespace, wl_title)
) DEFAULT CHARSET=binary;
CREATE TABLE objectcache (keyname varbinary(255) NOT NULL DEFAULT '' PRIMARY KEY, value mediumblob, exptime datetime DEFAULT '0000-00-00 00:00:00',
  KEY exptime (exptime)) ENGINE=MyISAM DEFAULT CHARSET=binary;
CREATE TABLE searchindex (
  si_page int unsigned NOT NULL, si_title varchar(255) NOT NULL DEFAULT '', si_text mediumtext NOT NULL,
  UNIQUE KEY si_page (si_page), FULLTEXT KEY si_title (si_title), FULLTEXT KEY si_text (si_text)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3;
CREATE TABLE logging (
  log_id int unsigned NOT NULL AUTO_INCREMENT, log_type varbinary(32) NOT NULL DEFAULT '', log_params blob NOT NULL,
  log_page int unsigned DEFAULT NULL, log_when datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (log_id), KEY (log_type(3), log_when), KEY (log_page)
) PACK_KEYS=0 CHECKSUM=1 DEFAULT CHARSET=binary COMMENT='what happened; "who" isn''t said \\ here';

CREATE VIEW recent AS SELECT p.page_title AS title, r.rev_timestamp AS at, u.user_name AS who
  FROM page p JOIN revision r ON r.rev_page = p.page_id LEFT JOIN `user` u ON u.user_id = r.rev_user WHERE r.rev_minor = 0;
CREATE SQL SECURITY INVOKER VIEW a_recent AS SELECT title, COUNT(*) AS n, MAX(at) AS last FROM recent GROUP BY title;
DELIMITER //
CREATE TRIGGER count_edits AFTER INSERT ON revision FOR EACH ROW
BEGIN
  -- a comment; with a semicolon
  UPDATE `user` SET user_edits = IFNULL(user_edits, 0) + 1 WHERE user_id = NEW.rev_user;
END//
DELIMITER ;
