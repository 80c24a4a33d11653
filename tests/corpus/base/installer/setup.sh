#!/bin/sh
# Sets up what was unpacked here.
set -e
install -m 755 example /usr/local/bin/example
echo "example is installed"
