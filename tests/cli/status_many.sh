#!/usr/bin/env bash
# status of several jobs, as a page and as metrics, from files alone.
set -euo pipefail
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

mkdir "$work/jobs"
cd "$work/jobs"
for name in new shop; do
  cat >"$name.toml" <<END
name = "$name"
[source]
host = "source.example"
user = "dts"
[target]
host = "target.example"
user = "dts"
[objects]
include = ["shop"]
END
done
cat >shop.state.toml <<'END'
version = 1
job = "shop"
fingerprint = "x"
source = "source.example"
target = "target.example"
[precheck]
status = "done"
passed = true
[sync]
status = "failed"
error = "cannot apply: <b> \"is\" not & there"
position = { gtid = "0-1-5" }
lag_seconds = 2.5
lag_history = "0.1 -1 12 2.5"
lag_minute = 2026-11-22T06:00:00Z
transactions = 7
row_changes = 9
updated = 2026-11-22T06:00:10Z
[[sync.skipped]]
kind = "ddl"
detail = "CREATE USER <x>"
position = "0-1-4"
count = 3
[[sync.conflicts]]
schema = "shop"
table = "a\"b"
kind = "missing-row"
key = "(id = 1)"
count = 4
END
finish() {  # finish STATE: the checksum that the program would write
  python3 - "$1" <<'END'
import sys
text, checksum = open(sys.argv[1]).read(), 0xcbf29ce484222325
for byte in text.encode():
    checksum = (checksum ^ byte) * 0x100000001b3 % 2**64
open(sys.argv[1], "w").write(text + "# end fnv1a=%016x\n" % checksum)
END
}
mkdir ../late
sed 's/"shop"/"late"/' shop.toml >../late/late.toml
sed 's/^job = .*/job = "late"/; s/^passed = true/passed = false\nfinished = 2026-11-22T06:00:00Z/; s/^updated.*/&\nuncopied = ["shop.late: <i>its rows are others here<\/i>"]/' \
  shop.state.toml >../late/late.state.toml
cat >>../late/late.state.toml <<'END'
[[precheck.findings]]
check = "views"
level = "failure"
subject = "shop.<i>v</i>"
message = "the view is <i>broken</i>"
remedy = "one way\nor <i>another</i>"
[[precheck.findings]]
check = "tls"
level = "pass"
subject = "source"
message = "unseen"
END
finish shop.state.toml
finish ../late/late.state.toml
echo 'version = 1 broken' >torn.state.toml

table=$("$dtsctl" status .) || die "status of a folder: $table"
[[ $(wc -l <<<"$table") == 4 ]] || die "not a head and three jobs: $table"
grep -qE '^new +not-started' <<<"$table" || die "new: $table"
grep -qE '^shop +failed +2.5s, .* ago .*cannot apply: <b>' <<<"$table" || die "shop: $table"
grep -qE '^torn +unreadable' <<<"$table" || die "torn: $table"
[[ $("$dtsctl" -f new.toml -f shop.toml status) == "$("$dtsctl" status new.toml shop.toml)" ]] || die "-f twice is not the same"
"$dtsctl" status . --json | jq -e '.jobs | map([.job, .state]) == [["new", "not-started"], ["shop", "failed"], ["torn", "unreadable"]]' >/dev/null ||
  die "JSON: $("$dtsctl" status . --json)"
"$dtsctl" -f shop.toml status --json | jq -e '.sync.lag_history == [0.1, null, 12, 2.5]' >/dev/null || die "lag_history"
"$dtsctl" -f shop.toml status --json | jq -e '.source == "source.example" and .command == null and .findings == [] and
  (.sync | .updated == "2026-11-22T06:00:10Z" and .lag_minute == "2026-11-22T06:00:00Z" and .ddl == 0 and .catching_up == false)' >/dev/null || die "JSON: $("$dtsctl" -f shop.toml status --json)"
"$dtsctl" -f shop.toml status | grep -qF 'last hour   ▁ █▂ at most 12s' || die "no sparkline: $("$dtsctl" -f shop.toml status)"

! "$dtsctl" -f new.toml -f shop.toml precheck 2>err || die "two jobs for a precheck"
grep -q 'only once' err || die "$(cat err)"
! "$dtsctl" status --schema . 2>err || die "--schema of several jobs"
mkdir "$work/empty"
! "$dtsctl" status "$work/empty" 2>err || die "a folder without jobs"
grep -q 'no job files' err || die "$(cat err)"

"$dtsctl" status . --html page.html --metrics metrics.prom || die "--html"
[[ -z $(find . -name '*.[0-9]*') ]] || die "something is left behind: $(ls)"
grep -qF 'cannot apply: &lt;b&gt; &quot;is&quot; not &amp; there' page.html || die "not escaped: $(cat page.html)"
! grep -qE 'CREATE USER <x>|<b>|src=|href=|url\(|@import' page.html || die "the page has more in it than its own: $(cat page.html)"
[[ $(grep -c '<rect' page.html) == 3 ]] || die "not three bars"
python3 - page.html <<'END' || die "the page is not well-formed"
import html.parser, sys
class Check(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br"):
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
check = Check()
check.feed(open(sys.argv[1]).read())
assert not check.open, check.open
END

for line in 'dtsctl_state{job="shop",state="failed"} 1' 'dtsctl_lag_seconds{job="shop"} 2.5' 'dtsctl_transactions_total{job="shop"} 7' \
  'dtsctl_skipped_total{job="shop",kind="ddl"} 3' 'dtsctl_conflicts_total{job="shop",table="shop.a\"b",kind="missing-row"} 4' \
  'dtsctl_phase_failed{job="shop",phase="sync"} 1' 'dtsctl_state{job="torn",state="unreadable"} 1' 'dtsctl_running{job="new"} 0' \
  'dtsctl_uncopied_tables{job="shop"} 0' \
  '# TYPE dtsctl_row_changes_total counter'; do
  grep -qF "$line" metrics.prom || die "no $line in: $(cat metrics.prom)"
done
# Each line is what Prometheus reads: a comment or NAME{LABELS} NUMBER, and each metric has one TYPE.
! grep -vE '^(# (HELP|TYPE) dtsctl_[a-z_]+ .+|dtsctl_[a-z_]+\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\} -?[0-9.e+]+)$' metrics.prom || die "odd lines"
[[ -z $(grep '# TYPE' metrics.prom | cut -d ' ' -f 3 | sort | uniq -d) ]] || die "a metric twice"
# What keeps a job from starting, and tables that wait to be copied.
late=../late/late.toml
"$dtsctl" -f $late status --json | jq -e '.findings == [{check: "views", level: "failure", subject: "shop.<i>v</i>",
  message: "the view is <i>broken</i>", remedy: "one way\nor <i>another</i>", acknowledged: false}] and (.sync.uncopied | length) == 1' >/dev/null ||
  die "JSON: $("$dtsctl" -f $late status --json)"
"$dtsctl" -f $late status --html late.html --metrics late.prom || die "late"
grep -qF '<td>shop.&lt;i&gt;v&lt;/i&gt;</td><td>views</td><td>the view is &lt;i&gt;broken&lt;/i&gt;</td><td>one way<br>or &lt;i&gt;another&lt;/i&gt;</td>' late.html ||
  die "findings: $(cat late.html)"
grep -qF 'shop.late: &lt;i&gt;its rows' late.html || die "not copied: $(cat late.html)"
! grep -qE '<i>|unseen' late.html || die "not escaped: $(cat late.html)"
grep -qF 'dtsctl_uncopied_tables{job="late"} 1' late.prom || die "$(cat late.prom)"

# On a terminal of 80 columns nothing is wider, or --watch would not stay in its place; the newest minutes are drawn.
mkdir ../wide
sed 's/"shop"/"a job with a name that is longer than any that somebody would choose with care"/' shop.toml >../wide/wide.toml
sed "s/^job = .*/job = \"$(grep -oP '(?<=^name = ").*(?=")' ../wide/wide.toml)\"/
  s/\(source\|target\).example/dts@\1.of-a-cloud-provider.with-regions-that-have-long-names.example:3306/
  s/^lag_history = .*/lag_history = \"$(yes 0.1 | head -n 59 | tr '\n' ' ')90000\"/
  s/^error = .*/error = \"$(yes 'a word' | head -n 60 | tr '\n' ' ')\"/; /^# end/d" shop.state.toml >../wide/wide.state.toml
finish ../wide/wide.state.toml
script -qc "stty cols 80 rows 40; TERM=xterm NO_COLOR=1 '$dtsctl' -f ../wide/wide.toml status" /dev/null </dev/null | tr -d '\r' >wide.screen
[[ -z $(LC_ALL=C.UTF-8 grep -E '^.{81}' wide.screen) ]] || die "wider than 80 columns: $(cat wide.screen)"
for text in 'choose [.]{3}  failed' '^-> dts@target' '█ at most 1d01h$' '^ {12}a word'; do
  LC_ALL=C.UTF-8 grep -qE -- "$text" wide.screen || die "no '$text' in $(cat wide.screen)"
done

# Jobs of one name, and some that can't be read: no metric has the same labels twice.
mkdir -p twice/a twice/b
cp shop.toml shop.state.toml twice/a && cp shop.toml shop.state.toml twice/b
cp torn.state.toml twice/a && cp torn.state.toml twice/b
"$dtsctl" status twice/a twice/b --metrics twice/all.prom || die "metrics of jobs of one name"
[[ -z $(grep -v '^#' twice/all.prom | sed 's/ [^ ]*$//' | sort | uniq -d) ]] || die "twice the same labels: $(cat twice/all.prom)"
grep -qF 'dtsctl_lag_seconds{job="shop (twice/b/shop.toml)"} 2.5' twice/all.prom || die "$(cat twice/all.prom)"
# A link stays one, and what is no file is not replaced by one.
ln -s /dev/stdout out
"$dtsctl" -f shop.toml status --metrics out | grep -q '^dtsctl_running' || die "metrics for a pipe"
ln -s real.prom link.prom && : >real.prom
"$dtsctl" -f shop.toml status --metrics link.prom && grep -q '^dtsctl_running' real.prom || die "metrics by a link"
[[ -L out && -L link.prom ]] || die "a link was replaced: $(ls -l)"
! "$dtsctl" status --html "$work/none/page.html" . 2>err || die "a folder that is not there"
grep -q "cannot write '.*page.html': No such file" err || die "$(cat err)"
echo "status of several jobs: ok"
