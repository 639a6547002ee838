# fish completion for dtsctl; install as /usr/share/fish/vendor_completions.d/dtsctl.fish

set -l commands precheck init-schema init-data sync status help

function __dtsctl_checks
    dtsctl precheck --explain all 2>/dev/null | string match -r '^[a-z][a-z0-9-]*'
end

complete -c dtsctl -f
complete -c dtsctl -n "not __fish_seen_subcommand_from $commands" -a precheck -d 'check whether the job can run'
complete -c dtsctl -n "not __fish_seen_subcommand_from $commands" -a init-schema -d 'create the objects on the target'
complete -c dtsctl -n "not __fish_seen_subcommand_from $commands" -a init-data -d 'copy the rows'
complete -c dtsctl -n "not __fish_seen_subcommand_from $commands" -a sync -d 'apply the changes of the source'
complete -c dtsctl -n "not __fish_seen_subcommand_from $commands" -a status -d 'show the whole job at a glance'
complete -c dtsctl -n "not __fish_seen_subcommand_from $commands" -a help -d 'explain a command'
complete -c dtsctl -n '__fish_seen_subcommand_from help' -a "$commands"

complete -c dtsctl -s f -l file -r -F -d 'the job file'
complete -c dtsctl -s c -l config -x -d 'override a key of the job file'
complete -c dtsctl -l state -r -F -d 'the state file'
complete -c dtsctl -l json -d 'results and progress as JSON'
complete -c dtsctl -l log -r -F -d 'append messages and events to FILE'
complete -c dtsctl -s q -l quiet -d 'say nothing but errors'
complete -c dtsctl -s v -l verbose -d 'say more'
complete -c dtsctl -l no-color -d 'no colours'
complete -c dtsctl -l wait -d 'retry the first connection too'
complete -c dtsctl -l yes -d 'answer destructive questions with yes'
complete -c dtsctl -s h -l help -d 'show help'
complete -c dtsctl -n "not __fish_seen_subcommand_from $commands" -l version -d 'show the version'

complete -c dtsctl -n '__fish_seen_subcommand_from precheck' -l ignore -x -a '(__dtsctl_checks)' -d 'acknowledge its warnings'
complete -c dtsctl -n '__fish_seen_subcommand_from precheck' -l plan -d 'show what the job will do'
complete -c dtsctl -n '__fish_seen_subcommand_from precheck' -l all -d 'every table, not only the largest'
complete -c dtsctl -n '__fish_seen_subcommand_from precheck' -l speed -x -d 'megabytes a second to assume'
complete -c dtsctl -n '__fish_seen_subcommand_from precheck' -l explain -x -a '(__dtsctl_checks)' -d 'say what a check is for'

complete -c dtsctl -n '__fish_seen_subcommand_from init-schema' -l dry-run -d 'print the statements, change nothing'
complete -c dtsctl -n '__fish_seen_subcommand_from init-schema' -l no-precheck -d 'without the gate'

complete -c dtsctl -n '__fish_seen_subcommand_from init-data' -l dry-run -d 'show what would be copied'
complete -c dtsctl -n '__fish_seen_subcommand_from init-data' -l restart -d 'empty what was copied and begin again'
complete -c dtsctl -n '__fish_seen_subcommand_from init-data' -s j -l workers -x -d 'parallel workers'
complete -c dtsctl -n '__fish_seen_subcommand_from init-data' -l no-precheck -d 'without the gate'

complete -c dtsctl -n '__fish_seen_subcommand_from sync' -l until -x -a now -d 'stop at now, a position or a time'
complete -c dtsctl -n '__fish_seen_subcommand_from sync' -l from -x -d 'start here instead'
complete -c dtsctl -n '__fish_seen_subcommand_from sync' -s j -l workers -x -d 'parallel workers'
complete -c dtsctl -n '__fish_seen_subcommand_from sync' -l skip-ddl -x -d 'do not apply the DDL there'
complete -c dtsctl -n '__fish_seen_subcommand_from sync' -l skip-transaction -x -d 'do not apply the transaction there'
complete -c dtsctl -n '__fish_seen_subcommand_from sync' -l recover-state -d 'rebuild a lost state file'
complete -c dtsctl -n '__fish_seen_subcommand_from sync' -l no-precheck -d 'without the gate'

complete -c dtsctl -n '__fish_seen_subcommand_from status' -l watch -d 'again every second until Ctrl-C'
complete -c dtsctl -n '__fish_seen_subcommand_from status' -F
complete -c dtsctl -n '__fish_seen_subcommand_from status' -l html -r -F -d 'write a page to look at instead'
complete -c dtsctl -n '__fish_seen_subcommand_from status' -l metrics -r -F -d 'write metrics for Prometheus instead'
complete -c dtsctl -n '__fish_seen_subcommand_from status' -l schema -d 'ask both servers how their schemas differ'
