# bash completion of pose; the options come from the program itself.
_pose() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  case $before in
    --detector|--pose_model|get) COMPREPLY=($(compgen -W "$(pose models 2>/dev/null | grep -oE '^[^ ]+')" -- "$word")); return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$(pose --help 2>/dev/null | grep -oE -- '--[a-z][a-z0-9_]*')" -- "$word"))
  elif [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W 'inspect convert models' -- "$word") $(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _pose pose
