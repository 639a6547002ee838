#!/bin/bash
# Help, manual pages and completions name the same commands and options, and every help fits on a
# screen of 24 lines and 80 columns.
set -u
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
top=$(realpath "$(dirname "$0")/../..")
failed=0
# same WHAT A B: two lists of options, one a line
same() {
  if [ "$2" != "$3" ]; then
    echo "FAIL: $1"
    diff <(echo "$2") <(echo "$3")
    failed=1
  fi
}
sorted() { LC_ALL=C sort -u; }

help_options() {  # of a help: its lines "  -x, --long" and the list of common options
  grep -E '^ +-' | sed -E 's/  +[^- ].*//' | grep -oE -- '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,' | sorted
}
man_options() {  # of a page: what is bold in its section OPTIONS and begins with a dash
  sed -n '/^\.SH OPTIONS/,/^\.SH "*[A-NP-Z]/p' "$1" | grep -E '^\.(B|BR|RB) ' |
    sed 's/\\-/-/g' | grep -oE -- '(^| )--?[a-z][a-z-]*' | tr -d ' ' | sorted
}
bash_options() {  # COMMAND: what bash offers after it
  bash -c 'source "$1"; COMP_WORDS=(dtsctl $2 -) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _dtsctl
           printf "%s\n" "${COMPREPLY[@]}"' - "$top/cli/completion/dtsctl.bash" "$1" 2>&1 | sorted
}
zsh_options() {  # COMMAND
  file=$top/cli/completion/_dtsctl
  {
    sed -n '/^common=(/,/^)/p' "$file"
    if [ -n "$1" ]; then sed -n "/^      $1)/,/;;/p" "$file"; else grep -- '--version' "$file"; fi
  } | sed -E 's/\[[^]]*\]//g; s/[()]//g' | grep -oE -- "(^|[ ',{*])--?[a-z][a-z-]*" |
    grep -oE -- '--?[a-z][a-z-]*' | grep -vx -e -s -e -g | sorted
}
fish_options() {  # COMMAND
  grep '^complete -c dtsctl' "$top/cli/completion/dtsctl.fish" | sed "s/ -d '.*//" |
    if [ -n "$1" ]; then
      grep -E -- "(dtsctl|'__fish_seen_subcommand_from $1') (-s|-l)"
    else
      grep -E -- '(dtsctl|not __fish_seen_subcommand_from \$commands") (-s|-l)'
    fi | grep -oE -- ' -[sl] [a-z-]+' | sed 's/ -s /-/; s/ -l /--/' | sorted
}

commands=$("$dtsctl" --help | sed -n '/^commands/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 5 ] || { echo "FAIL: commands: $commands"; failed=1; }
common=$("$dtsctl" --help | help_options)

for command in '' $commands; do
  text=$("$dtsctl" $command --help)
  same "dtsctl $command --help is not dtsctl help $command" "$text" "$("$dtsctl" help $command)"
  [ "$(echo "$text" | wc -l)" -le 23 ] || { echo "FAIL: help $command is too long"; failed=1; }
  [ "$(echo "$text" | wc -L)" -le 80 ] || { echo "FAIL: help $command is too wide"; failed=1; }
  [[ $text == "usage: dtsctl "*$'\nexample: dtsctl '* ]] || { echo "FAIL: help $command: $text"; failed=1; }
  [[ -n $(echo "$text" | grep ' $') ]] && { echo "FAIL: help $command: blanks at line ends"; failed=1; }

  page=$top/man/dtsctl${command:+-$command}.1
  options=$(echo "$text" | help_options)
  same "options of $page" "$options" "$(man_options "$page")"
  # The help of a command names the common options by their short names only.
  all=$options
  [ -z "$command" ] || all=$(printf '%s\n' "$options" "$common" | grep -vx -- --version | sorted)
  same "bash completion of '$command'" "$all" "$(bash_options "$command")"
  same "zsh completion of '$command'" "$all" "$(zsh_options "$command")"
  same "fish completion of '$command'" "$all" "$(fish_options "$command")"
  for option in $(sed '/^example/,$d' <<<"$text" | grep -oE -- '[[ ]--?[a-z][a-z-]*' | tr -d '[ '); do
    grep -qx -- "$option" <<<"$options" || { echo "FAIL: usage of $command: $option"; failed=1; }
  done
done

version=$("$dtsctl" --version | cut -d' ' -f2)
for page in "$top"/man/*.[15]; do
  head -n 1 "$page" | grep -qF "\"dtsctl $version\"" ||
    { echo "FAIL: $page is not of version $version"; failed=1; }
  if command -v man >/dev/null; then
    complaints=$(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -l -Tutf8 "$page" 2>&1 >/dev/null)
    [ -z "$complaints" ] || { echo "FAIL: man --warnings: $complaints"; failed=1; }
  fi
  if command -v mandoc >/dev/null; then
    complaints=$(mandoc -Tlint -Wwarning "$page" 2>&1)
    [ -z "$complaints" ] || { echo "FAIL: mandoc: $complaints"; failed=1; }
  fi
  for reference in $(grep -ohE '^\.BR dtsctl[a-z.\\-]* \([15]\)' "$page" | sed 's/\\//g; s/^\.BR //; s/ (/./; s/)//'); do
    [ -e "$top/man/$reference" ] || { echo "FAIL: $page refers to $reference"; failed=1; }
  done
done
exit $failed
