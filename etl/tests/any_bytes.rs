//! Property tests: for any bytes, each line of a file is accounted for, or the header is refused.

use std::fs;
use std::path::Path;

use atelier_core::Millis;
use atelier_etl::{
    ColumnType, FileReport, LegacyFile, ReadError, RejectReason, RowValidator, SpillDir, TABLES,
};
use fastrand::Rng;

fn piece(rng: &mut Rng) -> &'static [u8] {
    PIECES[rng.usize(..PIECES.len())]
}

/// Fragments of files like these, valid and broken.
#[rustfmt::skip]
const PIECES: &[&[u8]] = &[
    b",", b",", b",", b"\"", b"\"", b"\"\"", b"\n", b"\n", b"\r\n", b"\r", b" ", b"\t", b"1", b"2", b"7", b"-3", b"0",
    b"4.0", b"null", b"\"null\"", b"true", b"false", b"'", b"\0", b"\xE9", b"\xC3\xA9", b"\xEF\xBB\xBF", b"\xC2\xA0",
    b"https://h.test/a", b"\"https://h.test/a\"", b"uhttps://h", b"1593600000000", b"2019-02-29", b"\"text\"",
    b"a@b.c", b"$1,119.00", b"Fit", b"Tue Sep 15 2020 11:07:42 GMT+0000 (x)", b"99999999999999999999", b"2147483647",
    b"\x80\xFF", b"\n1,1,1,1", b"\n2,1,\"x\",\"y\"", b"\",\"",
];

fn new_validator() -> RowValidator {
    RowValidator::new(Millis(0), &SpillDir::default())
}

/// Validates the bytes as one of the files, and checks the invariants.
fn validate(validator: &mut RowValidator, file: usize, bytes: &[u8]) -> Option<FileReport> {
    let table = &TABLES[file];
    let (mut records, mut loaded, mut next_line) = (0_u64, 0_u64, None);
    let result = validator.validate_file(table, bytes, |record, outcome, row| {
        records += 1;
        loaded += u64::from(row.is_some());
        assert_eq!(row.is_some(), outcome.is_loaded());
        assert!(
            next_line.is_none_or(|line| line == record.line),
            "records are contiguous"
        );
        next_line = Some(record.line + 1 + record.joined);
        assert!(record.offset <= bytes.len() as u64);
        assert!(!record.text.contains('\0'));
        assert!(record.joined == 0 || !table.file.has_single_line_records());
        Ok(())
    });
    match result {
        Ok(report) => {
            let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            // Counts lines independently of the reader.
            let lines = body.split_inclusive(|byte| *byte == b'\n').count() as u64;
            let totals = report.totals();
            assert_eq!(totals.lines, lines);
            assert_eq!(records, totals.loaded + totals.rejected + totals.skipped);
            assert_eq!(loaded, report.loaded());
            assert_eq!(lines - totals.headers, records + totals.joined);
            Some(report)
        }
        Err(ReadError::Header { .. }) => None,
        Err(error) => panic!("{}: {error}", table.name),
    }
}

fn header(file: usize) -> Vec<u8> {
    let names: Vec<_> = TABLES[file]
        .columns
        .iter()
        .map(|column| column.name)
        .collect();
    format!("{}\n", names.join(",")).into_bytes()
}

#[test]
fn arbitrary_fragments_are_accounted_for() {
    let mut rng = Rng::with_seed(1);
    let mut validated = 0;
    for _ in 0..4_000 {
        let file = rng.usize(..TABLES.len());
        let mut bytes = if rng.usize(..4) > 0 {
            header(file)
        } else {
            Vec::new()
        };
        for _ in 0..rng.usize(..120) {
            bytes.extend_from_slice(piece(&mut rng));
        }
        validated += usize::from(validate(&mut new_validator(), file, &bytes).is_some());
    }
    assert!(
        validated > 2_000,
        "most inputs reach the records: {validated}"
    );
}

#[test]
fn arbitrary_bytes_are_accounted_for() {
    let mut rng = Rng::with_seed(2);
    for _ in 0..2_000 {
        let file = rng.usize(..TABLES.len());
        let mut bytes = header(file);
        for _ in 0..rng.usize(..300) {
            bytes.push(rng.u8(..));
        }
        validate(&mut new_validator(), file, &bytes).expect("the header is whole");
    }
}

#[test]
fn mutated_samples_are_accounted_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let samples: Vec<_> = TABLES
        .iter()
        .map(|table| fs::read(folder.join(table.name)).expect(table.name))
        .collect();
    let mut rng = Rng::with_seed(3);
    let mut differences = 0;
    for _ in 0..150 {
        let mut validator = new_validator();
        for (file, sample) in samples.iter().enumerate() {
            let mut bytes = sample.clone();
            for _ in 0..=rng.usize(..8) {
                let at = rng.usize(..bytes.len());
                match rng.usize(..4) {
                    0 => bytes[at] = rng.u8(..),
                    1 => drop(bytes.remove(at)),
                    2 => bytes.truncate(bytes.len() - rng.usize(..bytes.len() / 2)),
                    _ => drop(bytes.splice(at..at, piece(&mut rng).iter().copied())),
                }
            }
            let changed = validate(&mut validator, file, &bytes);
            differences += usize::from(changed != validate(&mut new_validator(), file, sample));
        }
    }
    assert!(differences > 500, "the mutations matter: {differences}");
}

/// Generates rows that are mostly valid. Their few, distant ids produce found parents, duplicate ids and repeated names
/// on many pages of the maps.
fn rows(rng: &mut Rng, file: usize) -> Vec<u8> {
    let mut bytes = header(file);
    for _ in 0..rng.usize(..100) {
        let ids = [60, 30, 30].map(|bound| (1 + 1_999 * rng.usize(..bound)).to_string());
        for (at, column) in TABLES[file].columns.iter().enumerate() {
            if at > 0 {
                bytes.push(b',');
            }
            let value = match column.kind {
                _ if rng.usize(..60) == 0 => piece(rng),
                ColumnType::Id | ColumnType::Parent(_) => ids[at % 3].as_bytes(),
                ColumnType::Price | ColumnType::SalePrice => {
                    [&b"1"[..], b"2", b"$2.00"][rng.usize(..3)]
                }
                ColumnType::Bool(_) => [&b"1"[..], b"0", b"true", b"FALSE"][rng.usize(..4)],
                ColumnType::Date => [&b"1593600000000"[..], b"2020-07-01"][rng.usize(..2)],
                ColumnType::Rating | ColumnType::Quantity | ColumnType::Counter => b"4",
                ColumnType::Url | ColumnType::Thumbnail => b"\"https://h.test/a\"",
                ColumnType::CharacteristicName => {
                    [&b"\"Fit\""[..], b"\"Size\"", b"\"Width\""][rng.usize(..3)]
                }
                _ => [&b"\"x\""[..], b"\"y, \nz\"", b"\"\xE9\"", b"null"][rng.usize(..4)],
            };
            bytes.extend_from_slice(value);
        }
        bytes.push(b'\n');
    }
    bytes
}

#[test]
fn memory_limit_does_not_change_outcomes() {
    let mut rng = Rng::with_seed(4);
    let (mut loaded, mut orphans, mut duplicates) = (0, 0, 0);
    for _ in 0..40 {
        let mut validators = [
            new_validator(),
            RowValidator::with_memory(Millis(0), &SpillDir::default(), 1),
        ];
        for (file, table) in TABLES.iter().enumerate() {
            let bytes = rows(&mut rng, file);
            let [large, small] = validators.each_mut().map(|validator| {
                let mut seen = Vec::new();
                let report = validator
                    .validate_file(table, &bytes[..], |record, outcome, row| {
                        seen.push(format!("{} {outcome:?} {row:?}", record.line));
                        Ok(())
                    })
                    .expect("a header");
                (seen, report)
            });
            assert_eq!(large, small, "{}", table.name);
            let count = |reason| large.1.rejected.get(&reason).copied().unwrap_or_default();
            loaded += u64::from(file > 0) * large.1.loaded();
            orphans += count(RejectReason::Fk);
            duplicates += count(RejectReason::DupId) + count(RejectReason::DupName);
        }
    }
    assert!(
        loaded > 1_000 && orphans > 1_000 && duplicates > 1_000,
        "all cases occur: {loaded}, {orphans}, {duplicates}"
    );
}

/// The known defect of `photos.csv`: ten thumbnails without a closing quote, in pairs far apart. A reader that follows
/// quotes across lines silently loses 193 rows between them.
#[test]
fn unclosed_quotes_of_thumbnails_lose_no_row() {
    let unclosed = [48, 249, 263, 272, 282, 298, 304, 315, 326, 337];
    let missing = |id: usize| (195..=203).contains(&id) || (206..=214).contains(&id);
    let mut validator = new_validator();
    let product = b"1,\"Coat\",\"\",\"\",\"\",10";
    let style = b"1,1,\"Ink\",null,10,1";
    validate(&mut validator, LegacyFile::Product as usize, product).expect("a product");
    validate(&mut validator, LegacyFile::Styles as usize, style).expect("a style");
    let mut bytes = b"id,styleId,url,thumbnail_url".to_vec();
    let ids: Vec<usize> = (1..=400).filter(|id| !missing(*id)).collect();
    for id in &ids {
        let end = if unclosed.contains(id) { "" } else { "\"" };
        let url = format!("https://img.example.test/photo-{id}?auto=format&fit=crop");
        bytes.extend_from_slice(
            format!("\n{id},1,\"{url}&w=900&q=80\",\"{url}&w=300&q=80{end}").as_bytes(),
        );
    }
    let report = validate(&mut validator, LegacyFile::Photos as usize, &bytes).expect("a header");
    assert_eq!((report.loaded(), report.repaired), (ids.len() as u64, 10));
    assert!(report.rejected.is_empty());
}
