#!/bin/sh
# SPDX-License-Identifier: MIT
# nginx 1.22 (nginx-light). PUT is its own WebDAV. Its tags are made of time and size, its WebDAV knows
# no conditions and answers without a tag.
# Differs: etag/same_size_in_the_same_second -- the tag is made of whole seconds and the size
# Differs: etag/same_size_and_the_same_time -- the tag is made of whole seconds and the size
# Differs: vary/languages_have_tags_of_their_own -- two files of one size and time have the same tag
# Differs: last-modified/date_is_never_in_the_future -- sends the file's time whatever it is
# Differs: last-modified/tag_comes_before_the_date -- looks at both, and sends the page for an earlier date
# Differs: ranges/range_behind_the_end_is_416 -- a 416 says how long the page may be kept
# Differs: ranges/head_is_never_a_part -- answers HEAD with a range by 206
# Differs: if-range/date_of_a_new_file_gives_the_whole -- takes any date that is equal for a strong one
# Differs: put/answer_has_the_new_tag -- WebDAV answers without a tag
# Differs: put/create_and_never_overwrite -- WebDAV looks at no condition
# Differs: put/page_that_has_no_such_method -- a 405 without Allow
# Differs: if-match/second_writer_loses_nothing -- WebDAV looks at no condition
# Differs: if-match/tag_of_the_answer_is_good_for_the_next -- WebDAV answers without a tag
# Differs: if-match/weak_tag_never_matches -- WebDAV looks at no condition
# Differs: if-match/star_needs_a_document -- WebDAV looks at no condition
# Differs: if-match/deleted_document_is_not_made_again -- WebDAV looks at no condition
# Differs: if-match/unmodified_since_a_date -- WebDAV looks at no condition
# Differs: if-match/version_that_a_writer_rules_out -- WebDAV looks at no condition
# Differs: revalidate/changed_page_is_fetched -- same size and time, so the same tag
set -eu
folder=${TMPDIR:-/tmp}/nginx
age=${PAGE_MAX_AGE:-60}
page="max-age=$age${SHARED_MAX_AGE:+, s-maxage=$SHARED_MAX_AGE}"
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
  default_type text/plain;
  if_modified_since before;

  map \$http_accept_language \$language { default en; ~*^de de; }
  map \$uri \$asset {
    default no-cache;
    "~^/assets/[^.]+\\..*?(?<=\\.)[0-9a-f]{8,}\\.." "public, max-age=31536000, immutable";
  }
  map \$http_cookie \$user { default stranger; "~(^|; *)user=(?<of>[^;]+)" \$of; }
  map \$http_authorization \$is_member { default 0; "Bearer ${MEMBER_TOKEN:-no}" 1; }
  # An error is nobody's to keep, whatever the page says.
  map \$status \$rules_of_page { default no-store; ~^[23] "$page"; }
  map \$status \$rules_of_asset { default no-store; ~^[23] \$asset; }
  map \$status \$rules_of_members { default no-store; ~^[23] "private, no-cache"; }
  map \$status \$challenge { 401 Bearer; }

  server {
    listen 127.0.0.1:${PORT:?};

    location /docs/ {
      alias $FILES_DIR/;
      dav_methods PUT;
      add_header Cache-Control \$rules_of_page always;
    }
    location ~ "^/pages/(?<name>[^/]+)\$" {
      alias $FILES_DIR/\$name.\$language;
      add_header Cache-Control \$rules_of_page always;
      add_header Vary Accept-Language always;
    }
    location /assets/ {
      alias $FILES_DIR/;
      add_header Cache-Control \$rules_of_asset always;
    }
    location /members/ {
      alias $FILES_DIR/;
      add_header Cache-Control \$rules_of_members always;
      add_header WWW-Authenticate \$challenge always;
      if (\$is_member = 0) { return 401; }
    }
    location = /me {
      add_header Cache-Control private;
      return 200 "hello \$user\n";
    }
    location = /code {
      add_header Cache-Control no-store;
      return 200 "\$request_id\n";
    }
    location / { add_header Cache-Control no-store always; return 404; }
  }
}
END
exec nginx -e stderr -p "$folder" -c "$folder/nginx.conf"
