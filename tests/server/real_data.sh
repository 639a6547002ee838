# Real data that Debian ships, as two databases; used by examples/quickstart.sh and end_to_end_test.sh.
# Part of lib.sh; needs the packages in $REAL_DATA_PACKAGES (examples/setup.sh).
#
#   babel   all characters of Unicode with their names and the readings of Han characters; languages,
#           countries, subdivisions, currencies and scripts of ISO with their translations
#   debian  the packages on this machine, what they depend on, and the files they own
#
#   load_real_data SERVER       converts and loads some hundred thousand rows in twenty tables
#   real_writer WHO STOPFILE    prints changes of all of it without end, at a steady rate

REAL_DATABASES=(babel debian)

# --- conversion to tab-separated values: awk, jq and msgunfmt are all it takes --------------------

# LOAD DATA's escapes for backslashes and tabs, and \N where a field is empty.
TSV='def tsv: map(if . == null then "\\N" else tostring | gsub("\\\\"; "\\\\") | gsub("[\t\n]"; " ") end) | join("\t");'

convert_iso() {
  local json=/usr/share/iso-codes/json
  jq -r "$TSV"' ."15924"[] | [.alpha_4, .numeric, .name] | tsv' $json/iso_15924.json >script.tsv
  jq -r "$TSV"' ."639-3"[] | [.alpha_3, .alpha_2, .scope, .type, .name, .inverted_name] | tsv' \
    $json/iso_639-3.json >language.tsv
  jq -r "$TSV"' ."4217"[] | [.alpha_3, .numeric, .name] | tsv' $json/iso_4217.json >currency.tsv
  jq -r "$TSV"' ."3166-1"[] | [.alpha_2, .alpha_3, .numeric, .name, .official_name, .flag] | tsv' \
    $json/iso_3166-1.json >country.tsv
  # Only a year is known of some countries' ends: the first of January then.
  jq -r "$TSV"' ."3166-3"[] | [.alpha_4, .name,
      (.withdrawal_date | if length == 4 then . + "-01-01" else . end), .comment] | tsv' \
    $json/iso_3166-3.json >former_country.tsv
  # A parent is written with or without its country; one that is no subdivision itself is dropped.
  jq -r "$TSV"' ."3166-2" | (map({key: .code, value: 1}) | from_entries) as $known | .[]
      | .code[0:2] as $country
      | (.parent | if . == null or contains("-") then . else $country + "-" + . end) as $parent
      | [.code, $country, (if $parent != null and $known[$parent] then $parent else null end), .type, .name]
      | tsv' $json/iso_3166-2.json >subdivision.tsv
}

# Message catalogs translate English names, which several codes may share.
# convert_translations TABLE CATALOG CODE-COLUMN NAME-COLUMN
convert_translations() {
  local table=$1 catalog=$2 code=$3 name=$4 file
  for file in "$LOCALES"/*/LC_MESSAGES/"$catalog".mo; do
    [[ -e $file ]] || continue
    echo "#locale $(basename "${file%/LC_MESSAGES/*}")"
    msgunfmt --no-wrap --force-po "$file"
  done | awk -F'\t' -v code="$code" -v name="$name" '
    FNR == NR { codes[$name] = codes[$name] " " $code; next }
    function text(line) {
      sub(/^[a-z]+ "/, "", line); sub(/"$/, "", line); gsub(/\\"/, "\"", line); return line
    }
    /^#locale / { locale = substr($0, 9); next }
    /^msgid "/ { id = text($0); next }
    /^msgstr "/ && id in codes {
      n = split(codes[id], list, " ")
      for (i = 1; i <= n; i++) print list[i] "\t" locale "\t" text($0)
    }' "$table.tsv" - >"${table}_name.tsv"
}

# All assigned characters: code, name, category, block, script, age, numeric value.
convert_characters() {
  local u=/usr/share/unicode
  awk -F' *; *' '
    function number(hex,  i, n) {
      for (i = 1; i <= length(hex); i++) n = n * 16 + index("123456789ABCDEF", substr(hex, i, 1))
      return n + 0
    }
    # Sets first and last of a line that begins "0041" or "0041..005A".
    function range(field,  part) {
      sub(/ +$/, "", field)
      first = number(field); last = first
      if (split(field, part, /\.\./) == 2) { first = number(part[1]); last = number(part[2]) }
    }
    function rest() { value = $2; sub(/ *#.*/, "", value); return value }
    FNR == 1 { file++ }
    file == 1 { if ($1 == "sc") script_code[$3] = $2; next }
    /^#/ || NF < 2 { next }
    { range($1) }
    file == 2 { block_of[++blocks] = first; block_end[blocks] = last; block_name[blocks] = rest(); next }
    file == 3 { rest(); for (c = first; c <= last; c++) script[c] = script_code[value]; next }
    file == 4 { rest(); for (c = first; c <= last; c++) age[c] = value; next }
    file == 5 { rest(); for (c = first; c <= last; c++) numeric[c] = value; next }
    file == 6 && rest() ~ /^C[nos]/ { next }  # unassigned, private, surrogates
    file == 6 { rest(); for (c = first; c <= last; c++) category[c] = value; next }
    file == 7 {
      if ($2 == "<control>") print_one(first, $11 == "" ? "CONTROL" : $11)
      next
    }
    {
      # "HANGUL SYLLABLE GA", or for a whole range "CJK UNIFIED IDEOGRAPH-*"
      star = sub(/\* *$/, "", $2)
      for (c = first; c <= last; c++) print_one(c, star ? $2 sprintf("%04X", c) : $2)
    }
    function print_one(c, name) {
      if (!b || block_of[b] > c) b = 1
      while (block_end[b] < c) b++
      print c "\t" name "\t" category[c] "\t" block_of[b] "\t" \
        (c in script ? script[c] : "\\N") "\t" age[c] "\t" (c in numeric ? numeric[c] : "\\N")
    }
    END { for (i = 1; i <= blocks; i++) print block_of[i] "\t" block_end[i] "\t" block_name[i] >"block.tsv" }
  ' $u/PropertyValueAliases.txt $u/Blocks.txt $u/Scripts.txt $u/DerivedAge.txt \
    $u/extracted/DerivedNumericValues.txt $u/extracted/DerivedGeneralCategory.txt $u/UnicodeData.txt \
    $u/extracted/DerivedName.txt >character.tsv
  bzcat $u/Unihan_Readings.txt.bz2 | sed -n 's/\\/\\\\/g; s/^U+\([0-9A-F]*\)\tk/\1\t/p' >reading.tsv
}

# The dpkg database: stanzas become packages and dependencies, lists become files. Backslashes are
# doubled by sed, as awks differ in how many it takes to say so.
convert_packages() {
  sed 's/\\/\\\\/g; s/\t/\\t/g' /var/lib/dpkg/status | awk '
    function flush_package(  kind, k, n, m, i, j, items, choices) {
      if (f["Package"] == "" || f["Status"] !~ /ok installed/) return
      id = f["Package"] "\t" f["Architecture"]
      print id "\t" f["Version"] "\t" (f["Section"] == "" ? "\\N" : f["Section"]) "\t" f["Priority"] "\t" \
        f["Installed-Size"] + 0 "\t" f["Maintainer"] "\t" summary "\t" description "\t" stanza
      n = split("Pre-Depends Depends Recommends Suggests Breaks Conflicts Replaces", kind, " ")
      for (k = 1; k <= n; k++) {
        m = split(f[kind[k]], items, /, */)
        for (i = 1; i <= m; i++)
          for (j = split(items[i], choices, / *\| */); j >= 1; j--) {
            version = "\\N"
            if (match(choices[j], /\(.*\)/)) version = substr(choices[j], RSTART + 1, RLENGTH - 2)
            sub(/ .*/, "", choices[j])
            print id "\t" kind[k] "\t" i "\t" j "\t" choices[j] "\t" version >"dependency.tsv"
          }
      }
    }
    function reset(  k) { for (k in f) delete f[k]; summary = description = stanza = field = "" }
    /^$/ { flush_package(); reset(); next }
    { line = $0; stanza = stanza line "\\n" }
    /^ / { if (field == "Description") description = description substr(line, 2) "\\n"; next }
    {
      field = substr(line, 1, index(line, ":") - 1)
      f[field] = substr(line, index(line, ":") + 2)
      if (field == "Description") summary = f[field]
    }
    END { flush_package() }
  ' >package.tsv
  # FILENAME is "package.list" or "package:architecture.list".
  (cd /var/lib/dpkg/info && find . -name '*.list' -print0 | sort -z | xargs -0 awk '
    FNR == NR { if (split($0, field, "\t")) arch[field[1]] = field[2]; next }
    FNR == 1 { name = FILENAME; sub(/^.*\//, "", name); sub(/\.list$/, "", name)
      a = ""; if (split(name, part, ":") == 2) { name = part[1]; a = part[2] } else a = arch[name] }
    $0 != "/." && a != "" { print name "\t" a "\t" $0 }' "$OLDPWD/package.tsv") |
    sed 's/\\/\\\\/g' >file.tsv
}

# Slim images are installed without message catalogs; the package itself has them.
find_locales() {
  LOCALES=/usr/share/locale
  compgen -G "$LOCALES/*/LC_MESSAGES/iso_639-3.mo" >/dev/null && return
  { apt-get download iso-codes >/dev/null 2>&1 && dpkg-deb -x iso-codes_*.deb iso-codes; } ||
    note "the catalogs of iso-codes are not to be had: the tables of translated names stay empty"
  LOCALES=$PWD/iso-codes/usr/share/locale
}

load_real_data() {
  (
    mkdir -p "$WORK/data" && cd "$WORK/data"
    export LC_ALL=C
    find_locales
    convert_iso
    convert_translations country iso_3166-1 1 4
    convert_translations subdivision iso_3166-2 1 5
    convert_translations language iso_639-3 1 5
    convert_translations script iso_15924 1 3
    convert_translations currency iso_4217 1 3
    cut -f2 ./*_name.tsv | sort -u >locale.tsv
    convert_characters &
    convert_packages
    wait $!
    client "$1" <"$LIB_FOLDER/real_data.sql"
  )
}

# --- the writer ----------------------------------------------------------------------------------

REAL_WRITER_RATE=${REAL_WRITER_RATE:-1000} # row changes a second and writer

real_writer() {
  LC_ALL=C exec awk -v who="$1" -v seed="$SEED" -v rate="$REAL_WRITER_RATE" -v data="$WORK/data" \
    -v stop_file="$2" -f "$LIB_FOLDER/real_writer.awk"
}
