#!/bin/sh
# The tests of the job, in the lab of its run: `linkloom exec` knows which lab it is in.
set -eu
linkloom exec left -- ping -c 2 -w 10 right
linkloom status
