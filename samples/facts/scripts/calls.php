outside eval($_GET['x']);
<?php # Inert: nothing here is ever run. eval($_GET['x']) ?>
<?php
$f = 'sys'.'tem';
$f("ping {$_GET['host']} -c 1");
eval(gzinflate(base64_decode('inert')));
$text = <<<'END'
eval($_GET['x']);
  END;
echo 'It\'s eval($x)', `uptime`;
