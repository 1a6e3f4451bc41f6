<?php
// The application of the lab: a row of the database and a file of the share on one page.
require __DIR__ . '/config.php';
$connection = new mysqli(...$database);
$connection->query('CREATE TABLE IF NOT EXISTS notes (text VARCHAR(100))');
if (isset($_POST['text'])) {
	$insert = $connection->prepare('INSERT INTO notes VALUES (?)');
	$insert->execute([$_POST['text']]);
	file_put_contents(__DIR__ . '/note.txt', $_POST['text']);
}
header('Content-Type: text/plain');
$row = $connection->query('SELECT text FROM notes')->fetch_row();
echo 'row: ', $row[0] ?? 'none', "\n";
echo 'file: ', @file_get_contents(__DIR__ . '/note.txt') ?: 'none', "\n";
foreach (['mysqli', 'xml', 'gd'] as $extension) {
	echo $extension, ': ', extension_loaded($extension) ? 'there' : 'missing', "\n";
}
