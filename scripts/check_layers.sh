#!/usr/bin/env bash
# Data flows one way: base -> options -> image -> source, results, weights, cards -> graph -> engine -> stages -> output -> pipeline -> estimator -> cli.
# A file may include its own folder and lower rungs; this prints every include that points up the ladder.
set -euo pipefail
cd "$(dirname "$0")/.."

# Rung of each folder; siblings share a number and may not see each other.
declare -A rung=([base]=0 [options]=1 [image]=2 [source]=3 [results]=3 [weights]=3 [cards]=3 [graph]=4 [engine]=5 [detect]=6 [crop]=6 [decode]=6 [suppress]=6
                 [output]=7 [pipeline]=8 [estimator]=9 [cli]=10)
# Public headers belong to a folder each, but plain data may be used by all.
declare -A home=([error]=base [log]=base [file_stamp]=base [version]=base [skeleton]=base [box]=base [detection]=base [person]=base
                 [options]=options [image]=image [source]=source [results]=results [tensor_file]=weights [model_card]=cards [blob]=base [network]=base
                 [yolo_head]=base [network_factory]=engine [detect]=detect [crop]=crop [decode]=decode [suppress]=suppress
                 [output]=output [pipeline]=pipeline [estimator]=estimator)
# Public data types of a stage that its siblings may name.
shared_stage_headers=" crop "

bad=0
complain() { echo "$1"; bad=1; }

for file in $(git ls-files 'src/*.cpp' 'src/*.h'); do
  folder=${file#src/}; folder=${folder%%/*}
  while read -r include; do
    case $include in
      pose/*) name=${include#pose/}; name=${name%.h}
        target=${home[$name]:-}
        [ -n "$target" ] || { complain "$file: pose/$name.h has no home in this script"; continue; }
        [[ $shared_stage_headers == *" $name "* ]] && [ "${rung[$folder]}" -ge 6 ] && continue ;;
      */*) target=${include%%/*} ;;
      *) continue ;;
    esac
    [ -n "${rung[$target]:-}" ] || continue
    [ "$target" = "$folder" ] && continue
    [ "${rung[$target]}" -lt "${rung[$folder]}" ] || complain "$file ($folder) includes $include ($target)"
    [ "$target" != engine ] || [ "$folder" = estimator ] || [ "$folder" = cli ] || complain "$file: only the estimator and the program use the engine"
  done < <(sed -n 's/^#include "\(.*\)"/\1/p' "$file")
done

forbid() { # pattern, where it is allowed, reason
  local hits
  hits=$(git grep -nE "^#include <($1)" -- 'src/*' 'include/*' | grep -vE "^($2)" || true)
  [ -z "$hits" ] || complain "$3:"$'\n'"$hits"
}
forbid 'ATen/|torch/|c10/|caffe2/' 'src/engine/' 'LibTorch outside src/engine'
forbid 'opencv2/' 'src/image/|src/crop/|src/output/|src/pipeline/photo_job.h|src/detect/rules.h|include/pose/(image|crop|detect|output|estimator).h' 'OpenCV where no pixels are touched'
forbid 'CLI/' 'src/cli/options.cpp' 'CLI11 in more than one file'
forbid 'curl/' 'src/cli/download.cpp' 'libcurl in more than one file'
forbid 'regex>|ATen/ATen.h|torch/torch.h|opencv2/opencv.hpp' '-' 'headers that cost too much to compile'
hits=$(git grep -nE '^#include <nlohmann/json.hpp>' -- 'include/*' || true)
[ -z "$hits" ] || complain "json.hpp in a public header: $hits"
for file in $(git ls-files '*.cpp' '*.h'); do
  lines=$(wc -l < "$file")
  [ "$lines" -le 600 ] || complain "$file has $lines lines; split it"
done

[ "$bad" -eq 0 ] && echo "layers: ok"
exit "$bad"
