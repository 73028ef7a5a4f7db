#!/usr/bin/env bash
# A new user's first minutes: clone into an empty folder, start until ready, stop, run the tests. Run by `npm run fresh`.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
sandbox=
# Of a whole process group: a signal to npm alone ends its shell, and leaves what that has started.
stop() {
  if [ -z "$sandbox" ]; then return; fi
  kill -TERM -- "-$sandbox" 2>/dev/null || true
  for _ in $(seq 100); do
    if ! kill -0 -- "-$sandbox" 2>/dev/null; then sandbox=; return; fi
    sleep 0.1
  done
  kill -KILL -- "-$sandbox" 2>/dev/null || true
  sandbox=
  echo 'fresh: npm start did not end within 10 s of SIGTERM' >&2
  return 1
}
cleanup() {
  stop || true
  rm -rf "$folder"
}
trap cleanup EXIT
git clone --quiet "$here" "$folder/waypost"
cd "$folder/waypost"
npm ci
started=$(date +%s%N)
set -m # jobs have process groups of their own
npm start -- --dns-port 0 --http-port 0 >"$folder/start.log" 2>&1 &
sandbox=$!
set +m
for _ in $(seq 300); do
  if grep -q '^ready' "$folder/start.log"; then break; fi
  if ! kill -0 "$sandbox" 2>/dev/null; then cat "$folder/start.log"; echo 'fresh: npm start ended before it was ready' >&2; exit 1; fi
  sleep 0.1
done
grep '^ready' "$folder/start.log" || { cat "$folder/start.log"; echo 'fresh: not ready after 30 s' >&2; exit 1; }
echo "ready after $((($(date +%s%N) - started) / 1000000)) ms"
stop
npm test
