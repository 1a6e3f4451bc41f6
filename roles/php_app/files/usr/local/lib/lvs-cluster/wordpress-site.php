<?php
/**
 * Makes the site of a WordPress, by WordPress's own installer.
 *
 * wordpress-site.php PATH ask    says "none", "old" (its tables are an older version's) or "there"
 * wordpress-site.php PATH make   makes the site, or brings its tables up to date, and says "made"; what the site
 *                                is to be is read as JSON: title, user, password, email, language, public
 *
 * WordPress ends a program that it cannot go on with by itself, without a status: only the last word counts.
 */

// The installer's mail to the administrator would carry the password.
function wp_new_blog_notification() {}

[, $path, $what] = $argv;
$site = $what === 'make' ? json_decode(stream_get_contents(STDIN), true) : [];
$_SERVER += ['HTTP_HOST' => 'localhost', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET'];
define('WP_INSTALLING', true);
require $path . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

if (!is_blog_installed()) {
	$state = 'none';
} else {
	$state = (int) get_option('db_version') === (int) $wp_db_version ? 'there' : 'old';
}
if ($what === 'ask') {
	exit("$state\n");
}
if ($state === 'none') {
	wp_install(
		$site['title'], $site['user'], $site['email'], $site['public'] ?? true, '',
		wp_slash($site['password']), $site['language'] ?? ''
	);
} elseif ($state === 'old') {
	wp_upgrade();
}
echo "\nmade\n";
