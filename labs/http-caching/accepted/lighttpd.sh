#!/bin/sh
# SPDX-License-Identifier: MIT
# lighttpd 1.4.69: files, tags, conditions of GET and ranges are its own. Which file, the fields for
# caches and PUT are a Lua script in mod_magnet.
# Differs: if-none-match/star_in_quotes_is_a_tag -- takes a star behind a comma for any version, quotes or not
# Differs: last-modified/date_is_never_in_the_future -- sends the file's time whatever it is
# Differs: ranges/range_behind_the_end_is_416 -- a 416 without Content-Range, which is a SHOULD
# Differs: if-range/date_of_a_new_file_gives_the_whole -- takes any date that is equal for a strong one
# Differs: if-match/readers_may_ask_with_a_date_too -- GET with If-Unmodified-Since is not looked at
set -eu
folder=${TMPDIR:-/tmp}/lighttpd
mkdir -p "$folder/empty"

cat >"$folder/lab.lua" <<'END'
local files = os.getenv("FILES_DIR") .. "/"
local r = lighty.r
local path, method = r.req_attr["uri.path"], r.req_attr["request.method"]

local function text(status, body, rules)
  r.resp_header["Content-Type"] = "text/plain"
  r.resp_header["Cache-Control"] = rules or "no-store"
  r.resp_body.set(body)
  return status
end

local function page_rules()
  local shared = os.getenv("SHARED_MAX_AGE")
  return "max-age=" .. (os.getenv("PAGE_MAX_AGE") or "60") .. (shared and ", s-maxage=" .. shared or "")
end

-- mod_staticfile does the rest.
local function send(name, rules)
  local file = files .. name
  local there = lighty.c.stat(file)
  if not there or not there.is_file then return text(404, "no\n") end
  r.resp_header["Cache-Control"] = rules
  r.req_attr["physical.path"] = file
  return 0
end

-- A tag of the list, strongly compared or weakly.
local function has(list, tag, weakly)
  if list:match("^%s*%*%s*$") then return true end
  for weak, other in list:gmatch('(W?/?)("[^"]*")') do
    if other == tag and (weakly or weak == "") then return true end
  end
  return false
end

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
                 Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

-- Days since 1970 of a day in the calendar, counted from March on.
local function days(year, month, day)
  if month < 3 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

local function date(text)
  local day, month, year, hour, minute, second =
    text:match("^%a+, (%d+) (%a+) (%d+) (%d+):(%d+):(%d+) GMT$")
  if not day or not months[month] then return nil end
  return days(tonumber(year), months[month], tonumber(day)) * 86400 + hour * 3600 + minute * 60 + second
end

local function refused(file)
  local match, unmodified = r.req_header["If-Match"], r.req_header["If-Unmodified-Since"]
  local none = r.req_header["If-None-Match"]
  if match then
    if not file or not has(match, file.etag, false) then return true end
  elseif unmodified and date(unmodified) then
    if not file or file.st_mtime > date(unmodified) then return true end
  end
  return none and file and has(none, file.etag, true)
end

local function store(name)
  if not r.req_body.collect then return 0 end -- comes back when the body is there
  local old = lighty.c.stat(files .. name)
  if refused(old) then return text(412, "no\n") end
  local part = files .. ".part-" .. name
  local file = io.open(part, "wb")
  if not file then return text(500, "no\n") end
  -- Up to 1.4.69 a body that came in one packet with its head is given with that head before it.
  local length = r.req_body.len
  if length > 0 then file:write(r.req_body.get:sub(-length)) end
  file:close()
  if not os.rename(part, files .. name) then return text(500, "no\n") end
  r.resp_header["ETag"] = lighty.c.stat(files .. name).etag
  return text(old and 200 or 201, "written\n")
end

local name = path:match("^/docs/([^/]+)$")
if name and method == "PUT" then return store(name) end
if method ~= "GET" and method ~= "HEAD" then
  r.resp_header["Allow"] = "GET, HEAD"
  return text(405, "no\n")
end
-- GET with If-Match is not looked at by lighttpd.
if name then
  local file = lighty.c.stat(files .. name)
  local match = r.req_header["If-Match"]
  if file and match and not has(match, file.etag, false) then return text(412, "no\n") end
  return send(name, page_rules())
end
name = path:match("^/pages/([^/]+)$")
if name then
  r.resp_header["Vary"] = "Accept-Language"
  local german = (r.req_header["Accept-Language"] or ""):lower():sub(1, 2) == "de"
  return send(name .. (german and ".de" or ".en"), page_rules())
end
name = path:match("^/assets/([^/]+)$")
if name then
  local hashed = false
  for hash in name:gmatch("%f[.]%.(%x+)%f[.]") do
    hashed = hashed or (#hash >= 8 and hash == hash:lower() and name:match("^[^.].*%." .. hash .. "%.."))
  end
  return send(name, hashed and "public, max-age=31536000, immutable" or "no-cache")
end
name = path:match("^/members/([^/]+)$")
if name then
  local token = os.getenv("MEMBER_TOKEN")
  if not token or r.req_header["Authorization"] ~= "Bearer " .. token then
    r.resp_header["WWW-Authenticate"] = "Bearer"
    return text(401, "no\n")
  end
  return send(name, "private, no-cache")
end
if path == "/me" then
  local user = ("; " .. (r.req_header["Cookie"] or "")):match("; ?user=([^;]+)")
  return text(200, "hello " .. (user or "stranger") .. "\n", "private")
end
if path == "/code" then
  local random = io.open("/dev/urandom", "rb")
  local bytes = random:read(8)
  random:close()
  return text(200, (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) .. "\n")
end
return text(404, "no\n")
END

cat >"$folder/lighttpd.conf" <<END
server.modules = ("mod_magnet", "mod_staticfile")
server.document-root = "$folder/empty"
server.bind = "127.0.0.1"
server.port = ${PORT:?}
server.upload-dirs = ("$folder")
server.max-fds = 256
magnet.attract-physical-path-to = ("$folder/lab.lua")
mimetype.assign = (".css" => "text/css", "" => "text/plain")
server.stat-cache-engine = "disable" # a second long it would tell the old size of a new file
END
exec lighttpd -D -f "$folder/lighttpd.conf"
