#!/bin/sh
# SPDX-License-Identifier: MIT
# lighttpd 1.4.69 with mod_deflate; what it has no words for is a Lua script in mod_magnet.
# Differs: slow-clients/stalled_request_is_timed_out -- whole seconds: 300 ms become 1 to 2 s
# Differs: slow-clients/stalled_body_is_timed_out -- whole seconds: 300 ms become 1 to 2 s
set -eu
folder=${TMPDIR:-/tmp}/lighttpd
seconds=$(((${REQUEST_TIMEOUT_MS:-30000} + 999) / 1000))
mkdir -p "$folder/empty"

cat >"$folder/lab.lua" <<'END'
local folder = os.getenv("FILES_DIR")
local r = lighty.r
local path, method = r.req_attr["uri.path"], r.req_attr["request.method"]

-- mod_deflate looks for the word gzip and not at its weight.
local accepted = r.req_header["Accept-Encoding"] or ""
for element in accepted:lower():gmatch("[^,]+") do
  if element:find("gzip", 1, true) and element:match(";%s*q=0%.?0*%s*$") then
    r.req_header["Accept-Encoding"] = nil
  end
end

local function text(status, body)
  r.resp_header["Content-Type"] = "text/plain"
  r.resp_body.set(body)
  return status
end

-- Allow is lost when there is no body.
local function only(methods)
  r.resp_header["Allow"] = methods
  return text(405, "not with this method\n")
end

local function read(body)
  if method ~= "GET" and method ~= "HEAD" then return only("GET, HEAD") end
  return text(200, body)
end

local function store(name)
  if not r.req_body.collect then return 0 end -- comes back when the body is there
  local part = folder .. "/.part-" .. name
  local status = lighty.c.stat(folder .. "/" .. name) and 200 or 201
  local file = io.open(part, "wb")
  if not file then return 500 end
  -- Up to 1.4.69 a body that came in one packet with its head is given with that head before it.
  local length = r.req_body.len
  if length > 0 then file:write(r.req_body.get:sub(-length)) end
  file:close()
  if not os.rename(part, folder .. "/" .. name) then return 500 end
  return text(status, "stored\n")
end

if path == "/" then return read("lighttpd\n") end
if path == "/user-agent" then return read(r.req_header["User-Agent"] or "") end
if path:sub(1, 6) == "/echo/" then return read(path:sub(7)) end
local name = path:match("^/files/([^/]+)$")
if not name then return 404 end
if method == "GET" or method == "HEAD" then return 0 end -- mod_staticfile
if method == "POST" then return store(name) end
return only("GET, HEAD, POST")
END

cat >"$folder/lighttpd.conf" <<END
server.modules = ("mod_alias", "mod_magnet", "mod_deflate", "mod_staticfile")
server.document-root = "$folder/empty"
server.bind = "127.0.0.1"
server.port = ${PORT:?}
server.upload-dirs = ("$folder")
server.max-fds = 256
server.max-request-size = 8192 # KiB
server.max-request-field-size = 32768
server.max-read-idle = $seconds
server.max-write-idle = $((seconds + 1))
server.max-keep-alive-idle = 60
server.max-keep-alive-requests = 10000
magnet.attract-raw-url-to = ("$folder/lab.lua")
alias.url = ("/files/" => "$FILES_DIR/")
mimetype.assign = (
  ".txt" => "text/plain", ".html" => "text/html", ".css" => "text/css",
  ".json" => "application/json", ".png" => "image/png", "" => "application/octet-stream"
)
server.stat-cache-engine = "disable" # a second long it would tell the old size of a new file
deflate.mimetypes = ("text/plain")
deflate.allowed-encodings = ("gzip")
deflate.min-compress-size = 1
END
exec lighttpd -D -f "$folder/lighttpd.conf"
