#!/usr/bin/env bash
# A new user's first minutes: clone into an empty folder, start until ready, stop, run the tests. Run by `npm run fresh`.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
sandbox=
cleanup() {
  if [ -n "$sandbox" ] && kill -0 "$sandbox" 2>/dev/null; then kill -TERM "$sandbox" && wait "$sandbox" || true; fi
  rm -rf "$folder"
}
trap cleanup EXIT
git clone --quiet "$here" "$folder/waypost"
cd "$folder/waypost"
npm ci
started=$(date +%s%N)
npm start -- --dns-port 0 --http-port 0 >"$folder/start.log" 2>&1 &
sandbox=$!
for _ in $(seq 300); do
  if grep -q '^ready' "$folder/start.log"; then break; fi
  if ! kill -0 "$sandbox" 2>/dev/null; then cat "$folder/start.log"; echo 'fresh: npm start ended before it was ready' >&2; exit 1; fi
  sleep 0.1
done
grep '^ready' "$folder/start.log" || { cat "$folder/start.log"; echo 'fresh: not ready after 30 s' >&2; exit 1; }
echo "ready after $((($(date +%s%N) - started) / 1000000)) ms"
kill -TERM "$sandbox"
wait "$sandbox" || true
sandbox=
npm test
