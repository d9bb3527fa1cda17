# fish completion of pose; the options come from the program itself.
complete -c pose -n '__fish_is_first_arg' -a 'inspect convert models'
complete -c pose -n 'string match -q -- "-*" (commandline -ct)' -f -a '(pose --help 2>/dev/null | string match -ra -- "--[a-z][a-z0-9_]*")'
for option in detector pose_model
    complete -c pose -l $option -x -a '(pose models 2>/dev/null | grep -oE '^[^ ]+')'
end
