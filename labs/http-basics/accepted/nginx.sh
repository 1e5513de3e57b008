#!/bin/sh
# SPDX-License-Identifier: MIT
# nginx 1.22 (nginx-light). POST of a file goes through a socket to its own WebDAV, as PUT.
set -eu
folder=${TMPDIR:-/tmp}/nginx
timeout=${REQUEST_TIMEOUT_MS:-30000}ms
mkdir -p "$folder"

user=
if [ "$(id -u)" = 0 ]; then # else it would look for its usual user, and change owners
  user='user root root;'
fi

cat >"$folder/nginx.conf" <<END
$user
daemon off;
master_process off;
pid $folder/pid;
lock_file $folder/lock;
error_log stderr error;
events { worker_connections 256; }

http {
  access_log off;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;

  default_type application/octet-stream;
  types {
    text/plain txt;
    text/html html;
    text/css css;
    application/json json;
    image/png png;
  }

  client_header_timeout $timeout;
  client_body_timeout $timeout;
  send_timeout $timeout;
  keepalive_timeout 60s;
  client_max_body_size 8m;
  large_client_header_buffers 4 8k;
  gzip_min_length 1;
  gzip_types text/plain;
  gzip_vary on;

  map \$request_method \$kind {
    default unknown;
    GET read;
    HEAD read;
    POST post;
    PUT other;
    DELETE other;
    OPTIONS other;
    PATCH other;
    TRACE other;
  }
  map \$uri \$allowed {
    default "GET, HEAD";
    ~^/files/ "GET, HEAD, POST";
  }

  server {
    listen 127.0.0.1:${PORT:?};
    merge_slashes off;
    error_page 405 = @wrong_method;
    error_page 494 = @large_head;
    if (\$kind = unknown) { return 501; }

    location = / {
      default_type text/plain;
      if (\$kind != read) { return 405; }
      return 200 "nginx\n";
    }
    # A named group: a regular expression elsewhere would overwrite \$1.
    location ~ "(?s)^/echo/(?<text>.*)\$" {
      default_type text/plain;
      if (\$kind != read) { return 405; }
      return 200 \$text;
    }
    location = /user-agent {
      default_type text/plain;
      if (\$kind != read) { return 405; }
      return 200 \$http_user_agent;
    }
    location ~ "^/files/(?<name>[^/]+)\$" {
      alias $FILES_DIR/\$name;
      gzip on;
      error_page 418 = @store;
      error_page 405 = @wrong_method;
      if (\$kind = post) { return 418; }
      if (\$kind != read) { return 405; }
    }
    location / { return 404; }

    location @store {
      proxy_method PUT;
      proxy_http_version 1.1;
      proxy_hide_header Location; # would name the socket's host
      proxy_pass http://unix:$folder/dav;
    }
    location @wrong_method {
      add_header Allow \$allowed always;
      return 405;
    }
    location @large_head { return 431; }
  }

  server {
    listen unix:$folder/dav;
    location /files/ {
      alias $FILES_DIR/;
      dav_methods PUT;
      dav_access user:rw group:r all:r;
    }
  }
}
END
rm -f "$folder/dav"
exec nginx -e stderr -p "$folder" -c "$folder/nginx.conf"
