#!/usr/bin/env bash
# Measures the embedded cluster against an earlier commit, in turns in one run, and prints medians and ratios.
# Usage: tests/Scripts/compare.sh COMMIT [TURNS]      builds COMMIT in a work tree below artifacts/
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
commit=$1 turns=${2:-5}
before=$root/artifacts/compare/$(git -C "$root" rev-parse --short "$commit")
if [[ ! -e $before/signer ]]; then git -C "$root" worktree add --detach "$before" "$commit" >&2; fi
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

"$root/signer" bench --help >/dev/null
"$before/signer" bench --help >/dev/null

# measure NAME ARGUMENT…: one run of each program, before and after taking turns in going first.
measure() {
  local name=$1 turn first second
  shift
  for ((turn = 1; turn <= turns; turn++)); do
    if ((turn % 2)); then first=before second=after; else first=after second=before; fi
    for side in "$first" "$second"; do
      if [[ $side == before ]]; then "$before/signer" bench "$@" --json; else "$root/signer" bench "$@" --json; fi >"$results/$name.$side.$turn"
    done
  done
}

measure sixty-four --sessions 3000 --concurrency 64
measure alone --sessions 400 --concurrency 1
measure eleven-of-fifteen --participants 15 --threshold 11 --sessions 300 --concurrency 32
for ((turn = 1; turn <= turns; turn++)); do
  for side in before after; do
    if [[ $side == before ]]; then program=$before/signer; else program=$root/signer; fi
    begun=$(date +%s.%N)
    "$program" demo --json >/dev/null
    printf '{"demoSeconds":%s}' "$(awk -v begun="$begun" -v ended="$(date +%s.%N)" 'BEGIN { print ended - begun }')" >"$results/demo.$side.$turn"
  done
done

python3 - "$results" "$turns" <<'PY'
import json, statistics, sys
folder, turns = sys.argv[1], int(sys.argv[2])
figures = [("sixty-four", ("signaturesPerSecond", "cpuMsPerSignature", "bytesPerSignature", "p50Ms", "p99Ms")), ("alone", ("p50Ms", "cpuMsPerSignature")),
           ("eleven-of-fifteen", ("signaturesPerSecond", "cpuMsPerSignature", "bytesPerSignature")), ("demo", ("demoSeconds",))]
print(f"{'run':18} {'figure':22} {'before':>10} {'after':>10} {'ratio':>6}   medians of {turns}, ratio of each turn")
for name, keys in figures:
    runs = {side: [json.load(open(f"{folder}/{name}.{side}.{turn}")) for turn in range(1, turns + 1)] for side in ("before", "after")}
    for key in keys:
        values = {side: [run[key] for run in runs[side]] for side in runs}
        median = {side: statistics.median(values[side]) for side in values}
        ratios = " ".join(f"{after / before:.2f}" for before, after in zip(values["before"], values["after"]))
        print(f"{name:18} {key:22} {median['before']:10.2f} {median['after']:10.2f} {median['after'] / median['before']:6.2f}   {ratios}")
PY
