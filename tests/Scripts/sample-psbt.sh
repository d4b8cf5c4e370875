#!/usr/bin/env bash
# Prints the base64 of a PSBT that spends outputs of a group that do not exist, 100,000 sat each: something to try a signer with, and nothing to broadcast.
# Usage: tests/Scripts/sample-psbt.sh OUTPUTKEY [INPUTS] [NUMBER]; the output key is what keygen and group show print. Another number: other outputs.
set -euo pipefail
key=${1:?the output key of the group, 64 hex digits} inputs=${2:-1} payment=${3:-1}
[[ $key =~ ^[0-9a-f]{64}$ ]] || { echo "sample-psbt: an output key is 64 hex digits, not '$key'." >&2; exit 2; }

# A number as Bitcoin writes it: $2 bytes, the lowest first.
little() { printf "%0$((2 * $2))x" "$1" | fold -w2 | tac | tr -d '\n'; }
compact() { if (($1 < 253)); then little "$1" 1; elif (($1 < 65536)); then printf 'fd'; little "$1" 2; else printf 'fe'; little "$1" 4; fi; }

spent='' known=''
for ((number = 0; number < inputs; number++)); do
  spent+=$(printf '%032x%032x0000000000ffffffff' "$payment" "$number")
  known+="01012ba086010000000000225120${key}00"
done
transaction="02000000$(compact "$inputs")${spent}01$(little $((99000 * inputs)) 8)160014$(printf '11%.0s' {1..20})00000000"
hex="70736274ff0100$(compact $((${#transaction} / 2)))${transaction}00${known}00"
printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")" | base64 -w0
echo
