#!/usr/bin/env bash
# Kills the embedded service with -9 at random moments while withdrawals run under a guardian, starts it again each time, and looks at the end that every withdrawal that
# was ever asked for has one debit and one transaction and that the journals are clean. Usage: tests/Scripts/withdrawal-kill-loop.sh [KILLS] [SEED]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
kills=${1:-50} seed=${2:-1} RANDOM=${2:-1}
"$root/signer" keygen --help >/dev/null
program=(dotnet "$root/artifacts/bin/SignerCluster.Host/release/signer.dll")
folder=$(mktemp -d)
trap 'kill -9 "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT

made=$("${program[@]}" keygen --data "$folder/data" --participants 3 --threshold 2 --json)
group=$(sed -E 's/.*"group":"([0-9a-f]+)".*/\1/' <<<"$made")
key=$(sed -E 's/.*"outputKey":"([0-9a-f]+)".*/\1/' <<<"$made")

start() {
  "${program[@]}" up --data "$folder/data" --http 127.0.0.1:0 >"$folder/up.log" 2>>"$folder/errors.log" &
  echo $! >"$folder/pid"
  until grep -q 'signer is up' "$folder/up.log"; do
    kill -0 "$(cat "$folder/pid")" 2>/dev/null || { echo 'the service did not start:' >&2; cat "$folder/up.log" "$folder/errors.log" >&2; exit 1; }
    read -rt 0.02 <> <(:) || true
  done
  url=$(sed -nE 's/.*signer is up at ([^;]+);.*/\1/p' "$folder/up.log")
}

# An answer to a withdrawal, in one line; nothing when there was none.
ask() {
  local id=$1 wait=$2
  [[ -s $folder/psbt.$id ]] || "$root/tests/Scripts/sample-psbt.sh" "$key" 1 "$id" >"$folder/psbt.$id"
  printf '{"withdrawalId":"w%s","psbt":"%s"}' "$id" "$(cat "$folder/psbt.$id")" |
    curl -s -m $((wait + 30)) -H 'content-type: application/json' -d @- "$url/v1/groups/$group/withdrawals?wait=$wait"
}

# What an answer says of the record and of the transaction: "sequence debit hash transaction", where a part that is not there is a dash.
facts() {
  local sequence debit hash transaction
  sequence=$(sed -nE 's/.*"sequence":([0-9]+).*/\1/p' <<<"$1")
  debit=$(sed -nE 's/.*"debitSat":([0-9]+).*/\1/p' <<<"$1")
  hash=$(sed -nE 's/.*"hash":"([0-9a-f]+)".*/\1/p' <<<"$1")
  transaction=$(sed -nE 's/.*"transaction":"([0-9a-f]+)".*/\1/p' <<<"$1")
  printf '%s %s %s %s\n' "${sequence:--}" "${debit:--}" "${hash:--}" "${transaction:--}"
}

# Withdraws one after another until the service is gone, every other one a second time. The numbers of a lane are its own, and go on where the last round stopped.
send() {
  local lane=$1 number answer
  for ((number = $(cat "$folder/next.$lane" 2>/dev/null || echo 1); ; number++)); do
    echo "$number" >"$folder/next.$lane"
    for ((times = 0; times <= number % 2; times++)); do
      answer=$(ask "$((number * 4 + lane))" $((number % 3 ? 20 : 0))) || return 0
      printf 'w%s %s\n' "$((number * 4 + lane))" "$(facts "$answer")" >>"$folder/answers.$lane"
    done
  done
}

start
rules='{"windows":[{"name":"minute","capacitySat":100000000000,"refillSatPerSecond":1000000}]}'
curl -sf -m 30 -H 'content-type: application/json' -d "$rules" "$url/v1/groups/$group/guardian" >/dev/null
for ((round = 1; round <= kills; round++)); do
  if ((round > 1)); then start; fi
  for lane in 0 1 2 3; do send "$lane" & done
  # Anywhere between the first moments of a start and a second of work.
  read -rt "$(printf '0.%03d' $((RANDOM % 1000)))" <> <(:) || true
  kill -9 "$(cat "$folder/pid")"
  wait 2>/dev/null || true
  if [[ -t 2 ]]; then printf '\rkill %d of %d' "$round" "$kills" >&2; fi
done

start
missing=0 different=0 asked=0
for lane in 0 1 2 3; do
  for ((number = 1; number <= $(cat "$folder/next.$lane"); number++)); do
    id=$((number * 4 + lane)) asked=$((asked + 1))
    last=$(facts "$(ask "$id" 60)")
    [[ $last == *-* ]] && { missing=$((missing + 1)); echo "w$id: $last" >&2; }
    while read -r sequence debit hash transaction; do
      # What an earlier answer did not know yet is no difference.
      read -r -a now <<<"$last"
      [[ $sequence == - || "$sequence $debit $hash" == "${now[0]} ${now[1]} ${now[2]}" ]] && [[ $transaction == - || $transaction == "${now[3]}" ]] && continue
      different=$((different + 1))
      echo "w$id: $sequence $debit $hash $transaction, and at last $last" >&2
    done < <(sed -n "s/^w$id //p" "$folder"/answers.*)
    echo "$last" >>"$folder/final"
  done
done

# One number for each withdrawal, one transaction for each, and none besides: a second debit would have taken a number.
numbers=$(cut -d' ' -f1 "$folder/final" | sort -u | wc -l)
transactions=$(cut -d' ' -f4 "$folder/final" | sort -u | wc -l)
guardian=$(curl -sf -m 30 "$url/v1/groups/$group/guardian")
# The coordinator's guardian comes first, those of the seats behind it.
debits=$(grep -oE '"withdrawals":[0-9]+' <<<"$guardian" | head -n 1 | cut -d: -f2)
kill -TERM "$(cat "$folder/pid")"
wait 2>/dev/null || true
"${program[@]}" journal verify --data "$folder/data"
printf '%d kills, seed %d: %d withdrawals, %d answers on the way, %d debits, %d numbers, %d transactions, %d without one, %d answers that differ\n' \
  "$kills" "$seed" "$asked" "$(cat "$folder"/answers.* | wc -l)" "$debits" "$numbers" "$transactions" "$missing" "$different"
[[ $missing == 0 && $different == 0 && $debits == "$asked" && $numbers == "$asked" && $transactions == "$asked" ]]
