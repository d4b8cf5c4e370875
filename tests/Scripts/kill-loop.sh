#!/usr/bin/env bash
# Kills the embedded service with -9 at random moments while sessions are sent to it, starts it again each time, and looks at the end that every accepted session has one
# signature and that the journals are clean. Usage: tests/Scripts/kill-loop.sh [KILLS] [SEED]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
kills=${1:-100} RANDOM=${2:-1}
"$root/signer" keygen --help >/dev/null
program=(dotnet "$root/artifacts/bin/SignerCluster.Host/release/signer.dll")
folder=$(mktemp -d)
trap 'kill -9 "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT

group=$("${program[@]}" keygen --data "$folder/data" --participants 3 --threshold 2 --json | sed -E 's/.*"group":"([0-9a-f]+)".*/\1/')

start() {
  "${program[@]}" up --data "$folder/data" --http 127.0.0.1:0 --allow-raw >"$folder/up.log" 2>>"$folder/errors.log" &
  echo $! >"$folder/pid"
  until grep -q 'signer is up' "$folder/up.log"; do
    kill -0 "$(cat "$folder/pid")" 2>/dev/null || { echo 'the service did not start:' >&2; cat "$folder/up.log" "$folder/errors.log" >&2; exit 1; }
    read -rt 0.02 <> <(:) || true
  done
  url=$(sed -nE 's/.*signer is up at ([^;]+);.*/\1/p' "$folder/up.log")
}

body() { printf '{"sessionId":"%s","message":"%s"}' "$1" "$(printf '%s' "$1" | sha256sum | cut -d' ' -f1)"; }

# Sends sessions one after another until the service is gone; notes those that it accepted, with the signature where one came.
send() {
  local round=$1 lane=$2 number=0 answer
  while true; do
    number=$((number + 1))
    answer=$(curl -sf -m 20 -H 'content-type: application/json' -d "$(body "k$round-$lane-$number")" "$url/v1/groups/$group/sessions?wait=$((number % 2))") || return 0
    printf 'k%s-%s-%s %s\n' "$round" "$lane" "$number" "$(sed -nE 's/.*"signature":"([0-9a-f]+)".*/\1/p' <<<"$answer")" >>"$folder/accepted.$lane"
  done
}

for ((round = 1; round <= kills; round++)); do
  start
  for lane in 1 2 3 4; do send "$round" "$lane" & done
  # Anywhere between the first moments of a start and a second of work.
  read -rt "$(printf '0.%03d' $((RANDOM % 1000)))" <> <(:) || true
  kill -9 "$(cat "$folder/pid")"
  wait 2>/dev/null || true
  if [[ -t 2 ]]; then printf '\rkill %d of %d' "$round" "$kills" >&2; fi
done

start
cat "$folder"/accepted.* >"$folder/accepted"
missing=0 different=0
while read -r session known; do
  answer=$(curl -s -m 90 -H 'content-type: application/json' -d "$(body "$session")" "$url/v1/groups/$group/sessions?wait=60")
  signature=$(sed -nE 's/.*"signature":"([0-9a-f]+)".*/\1/p' <<<"$answer")
  if [[ -z $signature ]]; then missing=$((missing + 1)); echo "$session: $answer" >&2; fi
  if [[ -n ${known:-} && $known != "$signature" ]]; then different=$((different + 1)); fi
done <"$folder/accepted"
kill -TERM "$(cat "$folder/pid")"
wait 2>/dev/null || true
"${program[@]}" journal verify --data "$folder/data"
printf '%d kills, %d accepted sessions, %d without a signature, %d with two\n' "$kills" "$(wc -l <"$folder/accepted")" "$missing" "$different"
[[ $missing == 0 && $different == 0 ]]
