#!/bin/sh
# echo: print the arguments, joined by single spaces, and a newline; no options, no escapes. SPDX-License-Identifier: Apache-2.0
IFS=' '
printf '%s\n' "$*"
