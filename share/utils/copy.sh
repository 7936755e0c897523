#!/bin/sh
# copy: put the regular files of one folder into another, fill in their {{NAME}} from the environment, then become a command.
# Needs cp, chmod and chown; with -T also awk, tr and wc. Runs in busybox, dash, bash. SPDX-License-Identifier: Apache-2.0
set -eu

usage() {
  cat <<USAGE
Usage: copy [-T|--template] SOURCE TARGET [--] [COMMAND [ARG]...]

Copy every regular file below the folder SOURCE to the same place below the folder TARGET, then run COMMAND.
Files that are there already are replaced; symbolic links and empty folders are left out.

  -T, --template   replace {{NAME}} in text files by the environment variable NAME; unset ones stay as they are
  -h, --help       print this

Exit status: that of COMMAND; 0 without one; 1 a file could not be copied; 2 wrong usage.
USAGE
}

wrong() {
  echo "copy: $1" >&2
  exit 2
}

# Reads the source, writes the file that its argument names, prints what it replaced. `ENVIRON` alone is asked, so the
# shell's own variables are never mistaken for the environment, and a value is used whole, whatever is in it.
# shellcheck disable=SC2016 # these are awk's
filler='
BEGIN { out = ARGV[1]; name = ARGV[2]; whole = ARGV[3]; ARGC = 1 }
{
  line = ""; rest = $0
  while (match(rest, /[{][{][A-Za-z_][A-Za-z0-9_]*[}][}]/)) {
    key = substr(rest, RSTART + 2, RLENGTH - 4)
    if (!(key in ENVIRON)) value = substr(rest, RSTART, RLENGTH)
    else {
      value = ENVIRON[key]
      if (!(key in told)) printf "Replacing \047{{%s}}\047 with \047%s\047 in \047%s\047\n", key, value, name
      told[key] = 1
    }
    line = line substr(rest, 1, RSTART - 1) value
    rest = substr(rest, RSTART + RLENGTH)
  }
  printf "%s%s%s", (NR > 1 ? "\n" : ""), line, rest > out
}
END { if (whole == "yes") printf "\n" > out }'

# A file with a zero byte in it is no text. (`wc` pads its number in some systems, so numbers are compared.)
is_text() {
  [ "$(tr -d '\000' <"$1" | wc -c)" -eq "$(wc -c <"$1")" ]
}

fill() { # $1: source, $2: target
  whole=no
  if [ -s "$1" ] && [ -z "$(tail -c 1 "$1")" ]; then whole=yes; fi
  LC_ALL=C awk "$filler" "$2" "$2" "$whole" <"$1"
}

copy_file() { # $1: source, $2: target
  if [ -d "$2" ]; then
    echo "copy: '$2' is a folder, '$1' a file" >&2
    exit 1
  fi
  echo "cp -a $1 $2"
  cp -a "$1" "$2"
  [ "$owner" != 0 ] || chown 0:0 "$2"
  chmod u+w "$2"
  if [ "$template" = yes ] && grep -q '{{[A-Za-z_]' "$1" && is_text "$1"; then fill "$1" "$2"; fi
}

copy_folder() { # $1: source, $2: target
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -L "$entry" ]; then
      continue
    elif [ -d "$entry" ]; then
      copy_folder "$entry" "$2/${entry##*/}"
    elif [ -f "$entry" ]; then
      mkdir -p "$2"
      copy_file "$entry" "$2/${entry##*/}"
    fi
  done
}

template=no
while [ $# -gt 0 ]; do
  case $1 in
    -T | --template) template=yes ;;
    -h | --help) usage && exit 0 ;;
    -?*) wrong "Unknown option: $1" ;;
    *) break ;;
  esac
  shift
done
[ $# -ge 2 ] || wrong 'a source and a target folder are needed (see copy --help)'
for folder in "$1" "$2"; do
  if [ ! -d "$folder" ]; then
    echo "Not a directory: '$folder'" >&2
    exit 2
  fi
done
owner=$(id -u)
copy_folder "${1%/}" "${2%/}"
shift 2
[ "${1-}" != -- ] || shift
[ $# -gt 0 ] || exit 0
exec "$@"
