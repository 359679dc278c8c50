//! Words and phrases of generated texts, read from `vocabulary.txt`.

use fastrand::Rng;

use crate::generate::csv_writer::CsvFileWriter;

const VOCABULARY: &str = include_str!("vocabulary.txt");

/// Section of the vocabulary: parts, each a list of alternatives.
#[derive(Debug)]
pub(crate) struct Phrase(Vec<Vec<&'static str>>);

impl Phrase {
    /// Loads a section by its name.
    pub(crate) fn load(section: &str) -> Self {
        let section = format!("[{section}]\n");
        let start = VOCABULARY.find(&section);
        let text = start.map_or("", |at| &VOCABULARY[at + section.len()..]);
        let text = text.split("\n\n[").next().unwrap_or_default();
        let parts = text.trim_end_matches('\n').split("\n\n");
        let lines = |part: &'static str| {
            let lines = part.lines();
            lines.flat_map(|line| line.strip_suffix('|').unwrap_or(line).split('|'))
        };
        Self(parts.map(|part| lines(part).collect()).collect())
    }

    /// Returns the alternatives of a part.
    pub(crate) fn part(&self, part: usize) -> &[&'static str] {
        &self.0[part]
    }

    /// Picks an alternative of the first part.
    pub(crate) fn word(&self, rng: &mut Rng) -> &'static str {
        pick(rng, &self.0[0])
    }

    /// Picks a part.
    pub(crate) fn pick_part(&self, rng: &mut Rng) -> &[&'static str] {
        &self.0[rng.usize(..self.0.len())]
    }

    /// Writes a random phrase into the open field.
    pub(crate) fn write(&self, rng: &mut Rng, out: &mut CsvFileWriter<'_>) {
        for part in &self.0 {
            out.push_str(pick(rng, part));
        }
    }

    /// Writes several phrases, separated by blanks.
    pub(crate) fn write_sentences(&self, count: u8, rng: &mut Rng, out: &mut CsvFileWriter<'_>) {
        for index in 0..count {
            if index > 0 {
                out.push_str(" ");
            }
            self.write(rng, out);
        }
    }
}

/// Picks one of several texts.
pub(crate) fn pick(rng: &mut Rng, texts: &[&'static str]) -> &'static str {
    texts[rng.usize(..texts.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_is_split_into_parts_and_alternatives() {
        let category = Phrase::load("category");
        assert_eq!(category.0.len(), 3);
        assert_eq!(category.part(2), ["Belt", "Cap", "Gloves", "Hat", "Scarf"]);
        let question = Phrase::load("question");
        assert_eq!(question.0.len(), 4);
        assert_eq!(question.part(0)[..2], ["", ""]);
        assert!(question.part(0).contains(&"Hello. "));
        assert!(!VOCABULARY.contains('"'), "quotes would have to be escaped");
    }
}
