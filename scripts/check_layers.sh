#!/usr/bin/env bash
# Data flows one way. A file may include its own folder and lower rungs of the table in src/README.md; this prints every
# include that points up the ladder, and every citation of a section or file that is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
# Without git's list of files nothing would be checked.
git ls-files > /dev/null 2>&1 || { echo "layers: not checked, this needs git and a checkout"; exit 77; }

# From the table: the rung of each folder (siblings share one and may not see each other), and the folder that each public
# header belongs to. Plain data belongs to base and may be used by all.
declare -A rung=() home=()
while IFS='|' read -r _ folder number _ headers _; do
  folder=${folder//[\` ]/}
  rung[$folder]=$((number))
  for header in ${headers//\`/}; do home[$header]=$folder; done
done < <(grep -E '^\| `[a-z]+` \| [0-9]+ \|' src/README.md)
# Public data types of a stage that its siblings may name.
shared_stage_headers=" crop "

bad=0
complain() { echo "$1"; bad=1; }

for folder in src/*/; do
  folder=$(basename "$folder")
  [ -n "${rung[$folder]:-}" ] || complain "src/$folder has no row in src/README.md"
done
for file in $(git ls-files 'include/pose/*'); do
  name=$(basename "$file" .in) name=${name%.h}
  [ -n "${home[$name]:-}" ] || complain "$file: the table in src/README.md does not say whose it is"
done

for file in $(git ls-files 'src/*.cpp' 'src/*.h'); do
  folder=${file#src/}; folder=${folder%%/*}
  [ -n "${rung[$folder]:-}" ] || continue
  while read -r include; do
    case $include in
      pose/*) name=${include#pose/}; name=${name%.h}
        target=${home[$name]:-none}
        [[ $shared_stage_headers == *" $name "* ]] && [ "${rung[$folder]}" -ge "${rung[crop]}" ] && continue ;;
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
forbid 'opencv2/' 'src/image/|src/crop/|src/output/|src/pipeline/stages.h|src/detect/rules.h|include/pose/(image|crop|detect|output|estimator).h' 'OpenCV where no pixels are touched'
forbid 'CLI/' 'src/cli/options.cpp' 'CLI11 in more than one file'
forbid 'curl/' 'src/cli/download.cpp' 'libcurl in more than one file'
forbid 'regex>|ATen/ATen.h|torch/torch.h|opencv2/opencv.hpp' '-' 'headers that cost too much to compile'
hits=$(git grep -nE '^#include <nlohmann/json.hpp>' -- 'include/*' || true)
[ -z "$hits" ] || complain "json.hpp in a public header: $hits"
for file in $(git ls-files '*.cpp' '*.h'); do
  lines=$(wc -l < "$file")
  [ "$lines" -le 600 ] || complain "$file has $lines lines; split it"
done

# A citation is a path and one or more sections: src/decode/README.md, 1 or src/crop/README.md, 1-3 and 5-7.
while IFS=: read -r file line text; do
  readme=${text%%[\`,]*}
  for section in $(grep -oE '[0-9]+' <<< "${text#*,}"); do
    grep -q "^## $section\. " "$readme" 2> /dev/null || complain "$file:$line cites $readme, $section, which is not there"
  done
done < <(git grep -noE 'src/[a-z]+/README\.md`?, [0-9]+(-[0-9]+)?( and [0-9]+(-[0-9]+)?)?' -- '*.h' '*.cpp' '*.md' '*.py')
while IFS=: read -r file line path; do
  [ -e "$path" ] || complain "$file:$line names $path, which is not there"
done < <(git grep -noE '(src|tests)/[a-z0-9_/]+\.(h|cpp|py|sh|md)' -- '*.md')

[ "$bad" -eq 0 ] && echo "layers: ok"
exit "$bad"
