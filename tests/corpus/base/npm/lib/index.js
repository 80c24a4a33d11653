'use strict';
module.exports = function pad(text, width) {
  return String(text).padStart(width);
};
