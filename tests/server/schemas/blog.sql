-- A blog: zero dates as defaults, prefix keys, a prefix in every name, plugins' tables of every charset.
CREATE DATABASE blog CHARACTER SET latin1 COLLATE latin1_swedish_ci;
USE blog;
SET sql_mode = '';

CREATE TABLE wp_posts (
  ID bigint(20) unsigned NOT NULL AUTO_INCREMENT, post_author bigint(20) unsigned NOT NULL DEFAULT '0',
  post_date datetime NOT NULL DEFAULT '0000-00-00 00:00:00', post_date_gmt datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  post_content longtext COLLATE utf8mb4_unicode_520_ci NOT NULL, post_title text COLLATE utf8mb4_unicode_520_ci NOT NULL,
  post_status varchar(20) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT 'publish', post_name varchar(200) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  post_parent bigint(20) unsigned NOT NULL DEFAULT '0', menu_order int(11) NOT NULL DEFAULT '0', comment_count bigint(20) NOT NULL DEFAULT '0',
  PRIMARY KEY (ID), KEY post_name (post_name(191)), KEY type_status_date (post_status, post_date, ID), KEY post_parent (post_parent), FULLTEXT KEY words (post_title, post_content)
) AUTO_INCREMENT=73 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
CREATE TABLE wp_postmeta (
  meta_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, post_id bigint(20) unsigned NOT NULL DEFAULT '0', meta_key varchar(255) DEFAULT NULL, meta_value longtext,
  PRIMARY KEY (meta_id), KEY post_id (post_id), KEY meta_key (meta_key(191))
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE wp_comments (
  comment_ID bigint(20) unsigned NOT NULL AUTO_INCREMENT, comment_post_ID bigint(20) unsigned NOT NULL DEFAULT '0', comment_author tinytext NOT NULL,
  comment_author_IP varchar(100) NOT NULL DEFAULT '', comment_date datetime NOT NULL DEFAULT '0000-00-00 00:00:00', comment_content text NOT NULL,
  comment_karma int(11) NOT NULL DEFAULT '0', comment_approved varchar(20) NOT NULL DEFAULT '1', comment_parent bigint(20) unsigned NOT NULL DEFAULT '0',
  PRIMARY KEY (comment_ID), KEY approved_date (comment_approved, comment_date), KEY (comment_post_ID), KEY author (comment_author(10))
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE wp_terms (term_id bigint(20) unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(200) NOT NULL DEFAULT '', slug varchar(200) NOT NULL DEFAULT '',
  term_group bigint(10) NOT NULL DEFAULT '0', KEY slug (slug(191)), KEY name (name(191))) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE wp_term_relationships (object_id bigint(20) unsigned NOT NULL DEFAULT '0', term_taxonomy_id bigint(20) unsigned NOT NULL DEFAULT '0',
  term_order int(11) NOT NULL DEFAULT '0', PRIMARY KEY (object_id, term_taxonomy_id), KEY (term_taxonomy_id)) DEFAULT CHARSET=utf8mb3;
CREATE TABLE wp_options (option_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, option_name varchar(191) NOT NULL DEFAULT '', option_value longtext NOT NULL,
  autoload varchar(20) NOT NULL DEFAULT 'yes', PRIMARY KEY (option_id), UNIQUE KEY option_name (option_name), KEY autoload (autoload))
  AUTO_INCREMENT=1000 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE wp_users (ID bigint(20) unsigned NOT NULL AUTO_INCREMENT, user_login varchar(60) NOT NULL DEFAULT '', user_pass varchar(255) NOT NULL DEFAULT '',
  user_registered datetime NOT NULL DEFAULT '0000-00-00 00:00:00', display_name varchar(250) NOT NULL DEFAULT '', PRIMARY KEY (ID), KEY login (user_login)) DEFAULT CHARSET=latin1;
CREATE TABLE wp_links (link_id bigint(20) unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, link_url varchar(255) NOT NULL DEFAULT '', link_visible varchar(20) NOT NULL DEFAULT 'Y',
  link_updated datetime NOT NULL DEFAULT '0000-00-00 00:00:00', rel set('nofollow','no;opener','ugc') DEFAULT NULL, KEY (link_visible)) DEFAULT CHARSET=latin1 COLLATE=latin1_german2_ci;
-- Plugins.
CREATE TABLE `wp_2.stats'daily"` (`day` date NOT NULL PRIMARY KEY, `hits %` int NOT NULL DEFAULT '0', `back``tick` int DEFAULT NULL, `a b` int COMMENT 'a
line', `ü` varchar(3) CHARACTER SET latin1 DEFAULT 'ÿ') DEFAULT CHARSET=ascii;
CREATE TABLE wp_cyr (id int PRIMARY KEY, k varchar(20) CHARACTER SET koi8r DEFAULT 'да', w varchar(20) CHARACTER SET cp1251 DEFAULT 'нет', e enum('да','нет') CHARACTER SET cp1251 DEFAULT 'нет');
CREATE TABLE wp_cjk (id int PRIMARY KEY, g varchar(20) CHARACTER SET gbk DEFAULT '中', b varchar(20) CHARACTER SET big5, s varchar(20) CHARACTER SET sjis DEFAULT 'ソ', u varchar(20) CHARACTER SET ujis,
  m varchar(20) CHARACTER SET cp932 COLLATE cp932_bin, k varchar(20) CHARACTER SET euckr DEFAULT '가', t set('表','予','ソ') CHARACTER SET sjis DEFAULT '表,ソ') CHARSET=utf8mb4;
CREATE TABLE wp_wide (id int PRIMARY KEY, w varchar(20) CHARACTER SET utf16 DEFAULT 'é', x varchar(20) CHARACTER SET utf32 COLLATE utf32_unicode_ci DEFAULT 'ä', y char(5) CHARACTER SET ucs2, z text CHARACTER SET utf16le,
  e enum('é','b') CHARACTER SET ucs2 DEFAULT 'é') DEFAULT CHARSET=utf8mb4;
CREATE TABLE wp_smile (id int PRIMARY KEY, t varchar(20) DEFAULT '😀?', e enum('a','😀','?','it''s') DEFAULT '😀', c varchar(9) DEFAULT '?' COMMENT 'é') DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE wp_comma (id int PRIMARY KEY, c varchar(60) DEFAULT 'CONSTRAINT `x` FOREIGN KEY (`a`) REFERENCES `b` (`c`), -- ''' COMMENT '/* AUTO_INCREMENT=5 */', d varchar(20) DEFAULT '/*!80000 x */') COMMENT='DEFAULT CHARSET=latin1 AUTO_INCREMENT=9';
CREATE TABLE wp_64_characters_are_what_a_name_of_a_table_or_a_column_may_have (
  wp_64_characters_are_what_a_name_of_a_table_or_a_column_may_have int AUTO_INCREMENT PRIMARY KEY, v int, KEY wp_64_characters_are_what_a_name_of_a_table_or_a_column_may_have (v));
CREATE TABLE wp_log (msg varchar(200) DEFAULT NULL, at timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE wp_times (id int PRIMARY KEY, first timestamp NOT NULL, second timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', third timestamp(3) NOT NULL DEFAULT '2001-01-01 00:00:00.250', y year NOT NULL DEFAULT 0);

CREATE VIEW published AS SELECT ID, post_title, post_date FROM wp_posts WHERE post_status = 'publish' AND post_title <> 'é''s';
CREATE ALGORITHM=TEMPTABLE VIEW `latest "5%"` AS SELECT ID, `post_title` AS `the title` FROM published ORDER BY post_date DESC LIMIT 5;
SET NAMES latin1;
CREATE VIEW by_latin1 AS SELECT ID FROM wp_posts WHERE post_name = 'x';
SET NAMES utf8mb4;
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT';
CREATE FUNCTION "slug of"(t varchar(100) CHARSET latin1) RETURNS varchar(200) CHARSET latin1 DETERMINISTIC RETURN lower(t) || '\';
CREATE TRIGGER "wp_log'ed" BEFORE INSERT ON wp_log FOR EACH ROW SET NEW."msg" = NEW."msg" || '\';
SET sql_mode = '';
