#!/bin/sh
# Measures a load of generated files, and for comparison PostgreSQL's COPY of the same rows.
#
#   DATABASE_URL=postgres://USER@HOST/EMPTY_DATABASE etl/benches/load.sh [PRODUCTS [FOLDER]]
#
# PRODUCTS defaults to 100,000. 1,000,011 is the full size: about 70 million rows, 7 GB of files, and 40 GB of disk space in FOLDER
# and the database, whose schema `public` is dropped before each round. FOLDER defaults to a temporary folder in the working
# directory, and is removed at the end. Needs psql. The rows of the last load stay in the database.
set -eu
cd "$(dirname "$0")/../.."
: "${DATABASE_URL:?name an empty PostgreSQL database, on a server as you would run it}"
products=${1:-100000}
folder=${2:-$(mktemp -d ./load-bench.XXXXXX)}
trap 'rm -rf "$folder"' EXIT
trap exit HUP INT TERM
mkdir -p "$folder"
cargo build --release --locked -p atelier-etl
etl=$(cargo metadata --no-deps --format-version 1 --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/atelier-etl

sql() { psql -qXAt -v ON_ERROR_STOP=1 -d "$DATABASE_URL" "$@"; }
now() { date +%s.%N; }
timed() {
    what=$1
    shift
    begun=$(now)
    "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    took=$(now | awk -v begun="$begun" '{ print $1 - begun }')
    printf '%-34s %8.1f s' "$what" "$took"
    echo "   $(grep -o 'at most .* of memory' "$folder/log")"
}
tables='products styles characteristics reviews review_totals questions answers legacy_cart'
write_out() { for table in $tables; do sql -c "\\copy $table to '$folder/$table.copy'"; done; }
copy_in() { for table in $tables; do sql -c "\\copy bare.$table from '$folder/$table.copy'"; done; }
make_bare() {
    sql -c 'create schema bare'
    for table in $tables; do sql -c "create table bare.$table (like public.$table)"; done
}

[ "$(sql -c "select count(*) from pg_tables where schemaname in ('public', 'bare')")" = 0 ] || {
    echo "The database is not empty, and this would empty it. Name another with DATABASE_URL." >&2
    exit 1
}
timed generate "$etl" generate "$folder/csv" --products "$products"
echo "$(du -Lbsh "$folder/csv" | cut -f 1) of files"
timed 'read and check' "$etl" check "$folder/csv"
timed 'load into SQLite' "$etl" load "$folder/csv" --database-url "sqlite:$folder/shop.db" --rejects "$folder/rejects.csv"
echo "$(du -bh "$folder/shop.db" | cut -f 1) of SQLite"
rm "$folder/shop.db"
# Lower bound: COPY of the same rows into tables without keys, indexes, checks or totals, by one connection.
for round in 1 2 3; do
    sql -c 'set client_min_messages = error' -c 'drop schema if exists public, bare cascade' -c 'create schema public'
    timed "load into PostgreSQL, round $round" "$etl" load "$folder/csv" --database-url "$DATABASE_URL" --rejects "$folder/rejects.csv"
    [ "$round" = 1 ] && write_out
    make_bare
    timed "COPY alone, round $round" copy_in
    sql -c 'set client_min_messages = error' -c 'drop schema bare cascade'
done
sql -c "select pg_size_pretty(pg_database_size(current_database())) || ' of PostgreSQL'"
