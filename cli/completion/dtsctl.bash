# bash completion for dtsctl; install as /usr/share/bash-completion/completions/dtsctl

_dtsctl() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local commands='precheck init-schema init-data sync status help'
  local options='-f --file -c --config --state --json --log -q --quiet -v --verbose --no-color
                 --wait --yes -h --help'
  local command='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -f | --file | -c | --config | --state | --log) ((i++)) ;;
      -*) ;;
      *)
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done

  case $previous in
    -f | --file | --state | --log | --html | --metrics)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --until)
      mapfile -t COMPREPLY < <(compgen -W now -- "$word")
      return
      ;;
    --ignore | --explain)
      mapfile -t COMPREPLY < <(compgen -W "$(_dtsctl_checks)" -- "$word")
      return
      ;;
    -c | --config | --speed | -j | --workers | --from | --skip-ddl | --skip-transaction) return ;;
  esac

  case $command in
    '') options+=' --version' ;;
    precheck) options+=' --ignore --plan --all --speed --explain' ;;
    init-schema) options+=' --dry-run --no-precheck' ;;
    init-data) options+=' --dry-run --restart -j --workers --no-precheck' ;;
    sync)
      options+=' --until --from -j --workers --skip-ddl --skip-transaction --recover-state
                 --no-precheck'
      ;;
    status) options+=' --watch --html --metrics --schema' ;;
    help) options='' ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ -z $command || $command == help ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
  elif [[ $command == status ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}

_dtsctl_checks() {
  dtsctl precheck --explain all 2>/dev/null | grep -o '^[a-z][a-z0-9-]*'
}

complete -o filenames -F _dtsctl dtsctl
