#!/usr/bin/env bash
# Kills the embedded service with -9 at random moments while payments of many inputs are signed, starts it again each time, and looks at the end
# that every payment that was accepted has one transaction and that the journals are clean. Usage: tests/Scripts/payment-kill-loop.sh [KILLS] [INPUTS] [SEED]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
kills=${1:-50} inputs=${2:-500} RANDOM=${3:-1}
"$root/signer" keygen --help >/dev/null
program=(dotnet "$root/artifacts/bin/SignerCluster.Host/release/signer.dll")
folder=$(mktemp -d)
trap 'kill -9 "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT

made=$("${program[@]}" keygen --data "$folder/data" --participants 3 --threshold 2 --json)
group=$(sed -E 's/.*"group":"([0-9a-f]+)".*/\1/' <<<"$made")
key=$(sed -E 's/.*"outputKey":"([0-9a-f]+)".*/\1/' <<<"$made")

psbt() { "$root/tests/Scripts/sample-psbt.sh" "$key" "$inputs" "$1"; }

start() {
  "${program[@]}" up --data "$folder/data" --http 127.0.0.1:0 >"$folder/up.log" 2>>"$folder/errors.log" &
  echo $! >"$folder/pid"
  until grep -q 'signer is up' "$folder/up.log"; do
    kill -0 "$(cat "$folder/pid")" 2>/dev/null || { echo 'the service did not start:' >&2; cat "$folder/up.log" "$folder/errors.log" >&2; exit 1; }
    read -rt 0.02 <> <(:) || true
  done
  url=$(sed -nE 's/.*signer is up at ([^;]+);.*/\1/p' "$folder/up.log")
}

# The transaction of a payment, waited for; nothing when it did not come.
send() {
  printf '{"sessionId":"payment-%s","psbt":"%s"}' "$1" "$(cat "$folder/psbt.$1")" |
    curl -sf -m 90 -H 'content-type: application/json' -d @- "$url/v1/groups/$group/sessions?wait=60" | sed -nE 's/.*"transaction":"([0-9a-f]+)".*/\1/p'
}

payment=1 finished=0
psbt 1 >"$folder/psbt.1"
for ((round = 1; round <= kills; round++)); do
  start
  { send "$payment" >"$folder/answer" || true; } &
  read -rt "$(printf '0.%03d' $((RANDOM % 900)))" <> <(:) || true
  kill -9 "$(cat "$folder/pid")"
  wait 2>/dev/null || true
  # Once its transaction was seen, the next kills are for another payment.
  if [[ -s $folder/answer ]]; then
    cp "$folder/answer" "$folder/transaction.$payment"
    finished=$((finished + 1)) payment=$((payment + 1))
    psbt "$payment" >"$folder/psbt.$payment"
  fi
  if [[ -t 2 ]]; then printf '\rkill %d of %d' "$round" "$kills" >&2; fi
done

start
missing=0 different=0
for ((number = 1; number <= payment; number++)); do
  transaction=$(send "$number" || true)
  [[ -n $transaction ]] || missing=$((missing + 1))
  if [[ -f $folder/transaction.$number && $transaction != "$(cat "$folder/transaction.$number")" ]]; then different=$((different + 1)); fi
done
kill -TERM "$(cat "$folder/pid")"
wait 2>/dev/null || true
"${program[@]}" journal verify --data "$folder/data"
printf '%d kills, %d payments of %d inputs, %d finished between kills, %d without a transaction, %d with two\n' \
  "$kills" "$payment" "$inputs" "$finished" "$missing" "$different"
[[ $missing == 0 && $different == 0 ]]
