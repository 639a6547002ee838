#!/usr/bin/env bash
# status --html in a browser: nothing is fetched, nothing of a name is taken for markup, the facts and the
# chart's bars are those of the state. Skipped, and said so, where there is no Chromium.
set -euo pipefail
dtsctl=$(realpath "${DTSCTL:?the dtsctl to test}")
work=$(mktemp -d)
proxy=
leave() {
  [[ -z $proxy ]] || kill "$proxy" 2>/dev/null || true
  rm -rf "$work"
}
trap leave EXIT
cd "$work"
unset DTSCTL_FILE DTSCTL_STATE
die() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
for browser in chromium-headless-shell chromium none; do
  if command -v $browser >/dev/null; then break; fi
done
if [[ $browser == none ]]; then
  echo "SKIPPED: status_page: no Chromium (Debian: chromium-headless-shell)"
  exit 77
fi

cat >shop.toml <<'END'
name = "shop"
[source]
user = "dts"
[target]
user = "dts"
[objects]
include = ["shop"]
END
python3 - <<'END'
history = " ".join("-1" if minute % 7 == 3 else str(minute / 2) for minute in range(1, 61))
text = f'''version = 1
job = "shop"
fingerprint = "x"
source = "dts@source.example"
target = "dts@target.example"
[precheck]
status = "done"
passed = true
[data]
status = "done"
started = 2026-11-22T05:00:00Z
finished = 2026-11-22T05:01:05Z
[sync]
status = "failed"
error = "<img src=http://192.0.2.1/error.png onerror=document.title=1> & <script>document.title='taken'</script>"
position = {{ gtid = "0-1-4711" }}
lag_seconds = 2.5
lag_history = "{history}"
lag_minute = 2026-11-22T06:00:00Z
transactions = 1234
row_changes = 56789
updated = 2026-11-22T06:00:10Z
[[sync.conflicts]]
schema = "shop"
table = "<b>bold</b>"
kind = "missing-row"
key = "(id = 1)"
count = 4
[[tables]]
schema = "shop"
table = "orders"
rows = 1000
rows_estimated = 990
done = true
'''
checksum = 0xcbf29ce484222325
for byte in text.encode():
    checksum = (checksum ^ byte) * 0x100000001b3 % 2**64
open("shop.state.toml", "w").write(text + "# end fnv1a=%016x\n" % checksum)
END
"$dtsctl" -f shop.toml status --html page.html

# Whoever wants anything from anywhere has to ask here, and is written down.
python3 - >port <<'END' &
import socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    connection = server.accept()[0]
    connection.settimeout(2)
    with connection, open("asked", "ab") as asked:
        try:
            asked.write(connection.recv(200).split(b"\r\n")[0] + b"\n")
        except OSError:
            pass
END
proxy=$!
for ((i = 0; i < 200; i++)); do [[ -s port ]] && break || sleep 0.05; done

# browse PAGE OPTION...
browse() {
  local page=$1
  shift
  HOME=$work timeout 100 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$work/profile" \
    --proxy-server="http://127.0.0.1:$(<port)" --proxy-bypass-list='<-loopback>' --window-size=1000,1400 \
    "$@" "file://$work/$page" 2>browser.err || die "$browser: $(tail -n 5 browser.err)"
}
echo '<p>there</p>' >first.html
if ! (browse first.html --dump-dom >first.dom) || ! grep -q there first.dom; then
  echo "SKIPPED: status_page: $browser does not start here: $(tail -n 1 browser.err)"
  exit 77
fi
browse page.html --screenshot="$work/page.png" --dump-dom >dom.html
# What the browser asks its maker is not the page's.
! grep -vE '^$|^[A-Z]+ (https?://)?[a-z0-9.-]*google(apis)?\.com[:/]' asked 2>/dev/null || die "the page asked for something: $(<asked)"
[[ -s page.png ]] || die "no picture: $(tail -n 5 browser.err)"

python3 - dom.html <<'END' || die "the DOM is not the state: $(<dom.html)"
import html.parser, sys

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text, self.bars, self.titles, self.open = [], "", [], [], []
    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.open.append(tag)
        if tag == "rect":
            self.bars.append({k: float(v) for k, v in attributes if k in ("x", "y", "width", "height")})
    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass
    def handle_data(self, data):
        if self.open and self.open[-1] == "title":
            self.titles.append(data)
        elif not self.open or self.open[-1] != "style":
            self.text += data + "\n"

page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
assert not {"img", "script", "b", "link", "iframe"} & set(page.tags), page.tags
assert page.titles[0] == "dtsctl: shop", page.titles[0]
for fact in ("failed", "0-1-4711", "1,234 transactions, 56,789 row changes", "<img src=http://192.0.2.1/error.png",
             "shop.<b>bold</b>", "missing-row", "shop.orders", "1,000", "1m05s", "dts@source.example"):
    assert fact in page.text, fact
known = [(minute, minute / 2) for minute in range(1, 61) if minute % 7 != 3]
assert len(page.bars) == len(known), len(page.bars)
scale = page.bars[-1]["height"] / known[-1][1]
for bar, (minute, lag) in zip(page.bars, known):
    assert abs(bar["height"] - max(lag * scale, 1)) < 0.2, (bar, lag)
    assert abs(bar["y"] + bar["height"] - page.bars[0]["y"] - page.bars[0]["height"]) < 0.2, bar
    assert abs(bar["x"] - page.bars[0]["x"] - (minute - 1) * 11) < 0.2, bar
assert page.titles[1] == "59 min ago: 0.5s" and page.titles[-1] == "0 min ago: 30s", page.titles
END

# What the page must not do would have been seen.
sed 's#</body>#<img src="http://192.0.2.1/seen.png"></body>#' page.html >other.html
browse other.html --dump-dom >/dev/null
grep -q seen.png asked || die "the test can't see requests"
echo "status --html: as it should be in $($browser --version 2>/dev/null | head -n 1)"
